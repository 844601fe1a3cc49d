"""Taking a revision back, or an organization back to a revision, keeping what came later."""

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.history import recorder
from directory.history.recorder import Change
from directory.history.undo.conflicts import written
from directory.history.undo.plan import Undone, built
from directory.history.undo.planner import goal, planned
from directory.models import MergedNumber, Revision, RowChange
from directory.permissions import approval
from directory.snapshots import Image, Key

MERGE_AGAIN = gettext_lazy(
    "Something was edited since, so this merging cannot be taken up again as it was: "
    "merge the two again."
)


def is_undone(revision: Revision) -> bool:
    """Whether it was taken back, and that was not taken back again."""
    return any(not is_undone(later) for later in revision.undone_by.all())


def can_be(revision: Revision) -> bool:
    """Whether it can be taken back at all."""
    return revision.via != Revision.Via.FIXTURES and not is_undone(revision)


def undo(revision: Revision, who: object) -> Undone:
    """Take back one revision; ValueError, and nothing written, where it cannot be."""
    done = Undone()
    with recorder.change(who, "undo", revision.comment, undoes=revision) as noted:
        if revision.via == Revision.Via.FIXTURES:
            raise ValueError(_("The opening of the directory cannot be undone."))
        if is_undone(Revision.objects.select_for_update().get(pk=revision.pk)):
            raise ValueError(_("This revision was undone already."))
        open_merging(revision, noted)
        for changes in batches(revision):
            now = opened(noted, changes)
            plan = planned(changes, now, done)
            written(plan, noted, now, done)
            noted.flush()
        if done.kept and merges_again(revision):
            raise ValueError(MERGE_AGAIN)
        done.revision = noted.revision
    return done


def open_merging(revision: Revision, noted: Change) -> None:
    """Hold the two; ValueError where only half of a merging could be taken back, or up again."""
    if not approval.is_merge(revision):
        return
    owners = revision.changes.order_by().values_list("organization", "formerly")
    both = {number for pair in owners for number in pair} - {None}
    noted.open(both)
    if reason := merged_on(revision):
        raise ValueError(reason)
    if merges_again(revision) and recorder.of(both).filter(revision__gt=revision.pk).exists():
        raise ValueError(MERGE_AGAIN)


def merges_again(revision: Revision) -> bool:
    """Whether taking this back merges two that were parted again."""
    again = False
    while revision.undoes_id:
        again, revision = not again, revision.undoes
    return again and revision.via == Revision.Via.MERGE


def merged_on(revision: Revision) -> str:
    """Why a later merging is to be undone before this one, or ""."""
    made = RowChange.objects.filter(noun="mergednumber", before__isnull=True)
    for row in made.filter(revision=revision):
        kept = row.after["organization_id"]
        led = MergedNumber.objects.filter(number=row.key).exclude(organization=kept).first()
        if led is not None:
            later = made.filter(key=str(kept)).order_by("-pk").values_list("revision", flat=True)
            return _(
                "Number %(gone)d was merged into number %(kept)d since: "
                "undo that merging (revision %(revision)d) first."
            ) % {"gone": kept, "kept": led.organization_id, "revision": later.first() or 0}
    return ""


def restore(number: int, after: int, who: object) -> Undone:
    """An organization with all that is its own as the revision of that number left it."""
    done = Undone()
    with recorder.change(who, "restore", f"→ {after}") as noted:
        later = list(recorder.of([number]).filter(revision__gt=after))
        now = opened(noted, later)
        written(goal(later, now), noted, now, done)
        noted.flush()
        done.revision = noted.revision
    return done


def batches(revision: Revision) -> Iterator[list[RowChange]]:
    """The changes in parts, all of one organization in the same; small ones in one.

    What all share comes back before those that point to it, and goes after them.
    """
    rows = revision.changes.order_by("organization", "pk")
    if rows.count() <= 4 * snapshots.BATCH:
        yield list(rows)
        return
    shared = rows.filter(organization=None)
    yield list(shared.filter(after__isnull=True))
    part: list[RowChange] = []
    for row in rows.exclude(organization=None).iterator(chunk_size=snapshots.BATCH):
        if len(part) >= snapshots.BATCH and row.organization != part[-1].organization:
            yield part
            part = []
        part.append(row)
    yield part
    yield list(shared.filter(after__isnull=False))


def opened(noted: Change, changes: list[RowChange]) -> dict[Key, Image]:
    """What the rows say now, held and noted."""
    noted.open({key for row in changes for key in (row.organization, row.formerly) if key})
    for row in changes:
        if row.organization is None and row.formerly is None:
            noted.open_row(standing_for(row))
    return dict(noted.before)


def standing_for(row: RowChange) -> models.Model:
    """A row of that noun and key, there or not; a seat or citation brings its community."""
    model = snapshots.NOUNS[row.noun]
    found = model._base_manager.filter(pk=row.key).first()
    return found or built(row.noun, row.key, row.before or row.after or {})
