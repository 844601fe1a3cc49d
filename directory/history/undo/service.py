"""Undo one revision, or restore an organization to a revision, without losing later edits."""

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.history.recorder import ChangeRecorder, get_row_changes, record_changes
from directory.history.undo.conflicts import apply_plan
from directory.history.undo.plan import UndoRefused, UndoResult, build_row
from directory.history.undo.planner import build_restore_plan, build_undo_plan
from directory.history.undo.visibility import keep_hidden_in_restore, keep_hidden_in_undo
from directory.models import MergedNumber, Revision, RowChange
from directory.permissions import approval
from directory.permissions.policy import Account
from directory.snapshots import Snapshots

MERGE_AGAIN = gettext_lazy(
    "Something was edited since, so this merging cannot be taken up again as it was: "
    "merge the two again."
)


def is_undone(revision: Revision) -> bool:
    """Return whether the revision was undone, and that undo was not undone itself."""
    return any(not is_undone(later) for later in revision.undone_by.all())


def is_undoable(revision: Revision) -> bool:
    """Return whether the revision can be undone at all."""
    return revision.via != Revision.Via.FIXTURES and not is_undone(revision)


def undo(revision: Revision, who: Account) -> UndoResult:
    """Undo one revision; raises UndoRefused, with nothing written, where that is impossible."""
    result = UndoResult()
    with record_changes(who, "undo", revision.comment, undoes=revision) as recorder:
        if revision.via == Revision.Via.FIXTURES:
            raise UndoRefused(_("The opening of the directory cannot be undone."))
        if is_undone(Revision.objects.select_for_update().get(pk=revision.pk)):
            raise UndoRefused(_("This revision was undone already."))
        track_merge(revision, recorder)
        for changes in split_changes(revision):
            now = track_changed_rows(recorder, changes)
            plan = build_undo_plan(changes, now, result)
            keep_hidden_in_undo(plan, changes, now, result)
            apply_plan(plan, recorder, now, result)
            recorder.flush()
        if result.not_restored and is_repeated_merge(revision):
            raise UndoRefused(MERGE_AGAIN)
        result.revision = recorder.revision
    return result


def track_merge(revision: Revision, recorder: ChangeRecorder) -> None:
    """Track both organizations of a merge; does nothing for other revisions.

    Raises UndoRefused where only a part of the merge could be undone or repeated.
    """
    if not approval.is_merge(revision):
        return
    owners = revision.changes.order_by().values_list("organization", "formerly")
    numbers = {number for pair in owners for number in pair if number is not None}
    recorder.track(numbers)
    if reason := get_later_merge_reason(revision):
        raise UndoRefused(reason)
    later = get_row_changes(numbers).filter(revision__gt=revision.pk)
    if is_repeated_merge(revision) and later.exists():
        raise UndoRefused(MERGE_AGAIN)


def is_repeated_merge(revision: Revision) -> bool:
    """Return whether undoing this revision repeats a merge that was undone."""
    repeats = False
    while revision.undoes is not None:
        repeats, revision = not repeats, revision.undoes
    return repeats and revision.via == Revision.Via.MERGE


def get_later_merge_reason(revision: Revision) -> str:
    """Return why a later merge must be undone before this one, or ""."""
    created = RowChange.objects.filter(noun="mergednumber", before__isnull=True)
    for row in created.filter(revision=revision):
        target = (row.after or {})["organization_id"]
        moved = MergedNumber.objects.filter(number=row.key).exclude(organization=target).first()
        if moved is not None:
            later = created.filter(key=str(target)).order_by("-pk")
            later_revision = later.values_list("revision", flat=True).first()
            return _(
                "Number %(gone)d was merged into number %(kept)d since: "
                "undo that merging (revision %(revision)d) first."
            ) % {"gone": target, "kept": moved.organization_id, "revision": later_revision or 0}
    return ""


def restore(number: int, after: int, who: Account) -> UndoResult:
    """Restore an organization, with all rows that belong to it, to what revision `after` left."""
    result = UndoResult()
    with record_changes(who, "restore", f"→ {after}") as recorder:
        later = list(get_row_changes([number]).filter(revision__gt=after))
        now = track_changed_rows(recorder, later)
        plan = build_restore_plan(later, now, result)
        keep_hidden_in_restore(plan, now, result)
        apply_plan(plan, recorder, now, result)
        recorder.flush()
        result.revision = recorder.revision
    return result


def split_changes(revision: Revision) -> Iterator[list[RowChange]]:
    """Yield the changes in batches, those of one organization together; small revisions in one.

    Removed rows without an owner come first, because others refer to them; added ones come last.
    """
    rows = revision.changes.order_by("organization", "pk")
    if rows.count() <= 4 * snapshots.BATCH_SIZE:
        yield list(rows)
        return
    unowned = rows.filter(organization=None)
    yield list(unowned.filter(after__isnull=True))
    batch: list[RowChange] = []
    for row in rows.exclude(organization=None).iterator(chunk_size=snapshots.BATCH_SIZE):
        if len(batch) >= snapshots.BATCH_SIZE and row.organization != batch[-1].organization:
            yield batch
            batch = []
        batch.append(row)
    yield batch
    yield list(unowned.filter(after__isnull=False))


def track_changed_rows(recorder: ChangeRecorder, changes: list[RowChange]) -> Snapshots:
    """Track all rows of these changes; return their present snapshots."""
    recorder.track({key for row in changes for key in (row.organization, row.formerly) if key})
    for row in changes:
        if row.organization is None and row.formerly is None:
            recorder.track_row(load_or_build_row(row))
    return dict(recorder.before)


def load_or_build_row(change: RowChange) -> models.Model:
    """Return the changed row as it is stored, or built from the change if it was deleted."""
    model = snapshots.MODELS_BY_NAME[change.noun]
    stored = model._base_manager.filter(pk=change.key).first()
    return stored or build_row(change.noun, change.key, change.before or change.after or {})
