"""Taking a revision back, or an organization back to a revision, keeping what came later.

A value is put back only where it still says what the revision wrote; what somebody has edited
since stays, and is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import history, images
from directory.history import Change
from directory.images import Image, Key
from directory.models import Revision, RowChange, State
from directory.restoring import Kept, Plan, Undone, built, written

# An address that was known goes on answering: these never return to what a draft has.
PUBLICATION = ("state", "first_published_at", "withdrawn_reason")
UNDONE_REASON = "录入已撤销 / The entry was undone"
CHANGED_SINCE = gettext_lazy("edited since")
GONE_SINCE = gettext_lazy("deleted since")
BACK_SINCE = gettext_lazy("entered again since")
PUBLIC_SINCE = gettext_lazy("was published, so it is withdrawn instead of deleted")
NEEDED_SINCE = gettext_lazy("something entered since belongs to it")


def is_undone(revision: Revision) -> bool:
    """Whether it was taken back, and that was not taken back again."""
    return any(not is_undone(later) for later in revision.undone_by.all())


def can_be(revision: Revision) -> bool:
    """Whether it can be taken back at all."""
    return revision.via != Revision.Via.FIXTURES and not is_undone(revision)


def undo(revision: Revision, who: object) -> Undone:
    """Take back one revision; ValueError if it was taken back already."""
    done = Undone()
    with history.change(who, "undo", revision.comment, undoes=revision) as noted:
        if revision.via == Revision.Via.FIXTURES:
            raise ValueError(_("The opening of the directory cannot be undone."))
        if is_undone(Revision.objects.select_for_update().get(pk=revision.pk)):
            raise ValueError(_("This revision was undone already."))
        for changes in batches(revision):
            now = opened(noted, changes)
            plan = planned(changes, now, done)
            written(plan, noted, now, done)
            noted.flush()
        done.revision = noted.revision
    return done


def restore(number: int, after: int, who: object) -> Undone:
    """An organization with all that is its own as the revision of that number left it."""
    done = Undone()
    with history.change(who, "restore", f"→ {after}") as noted:
        later = list(history.of([number]).filter(revision__gt=after))
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
    if rows.count() <= 4 * images.BATCH:
        yield list(rows)
        return
    shared = rows.filter(organization=None)
    yield list(shared.filter(after__isnull=True))
    part: list[RowChange] = []
    for row in rows.exclude(organization=None).iterator(chunk_size=images.BATCH):
        if len(part) >= images.BATCH and row.organization != part[-1].organization:
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
    model = images.NOUNS[row.noun]
    found = model._base_manager.filter(pk=row.key).first()
    return found or built(row.noun, row.key, row.before or row.after or {})


# -- What is to be written ------------------------------------------------------


def planned(changes: list[RowChange], now: dict[Key, Image], done: Undone) -> Plan:
    plan = Plan()
    going: set[Key] = set()
    hanging = pointing(now)
    # What hangs on another row is judged before it, so that it does not hold the other up.
    for row in sorted(changes, key=lambda each: -images.ORDER[each.noun]):
        place = row.noun, row.key
        image = now.get(place)
        keep = keeper(row, done)
        if row.before is None:
            unmake(row, image, hanging[place] - going, plan, keep)
            going |= {place} if row.key in plan.remove[row.noun] else set()
        elif row.after is None:
            if image is not None:
                keep("", BACK_SINCE)
            else:
                plan.insert[row.noun][row.key] = row.before
        elif image is None:
            keep("", GONE_SINCE)
        else:
            back = values_back(row, image, keep)
            if back:
                plan.update[row.noun][row.key] = back
                let_go(place, image, back, hanging)
    return plan


def keeper(row: RowChange, done: Undone) -> Callable[[str, object], None]:
    def keep(column: str, reason: object) -> None:
        done.kept.append(Kept(row.organization, row.noun, row.key, column, reason))

    return keep


def pointing(now: dict[Key, Image]) -> dict[Key, set[Key]]:
    """Which rows point to which."""
    found: dict[Key, set[Key]] = defaultdict(set)
    for place, image in now.items():
        for name, value in image.values.items():
            if name.endswith("_id") and value is not None:
                found[name.removesuffix("_id"), str(value)].add(place)
    return found


def let_go(place: Key, image: Image, back: dict, hanging: dict[Key, set[Key]]) -> None:
    """What is pointed away from a row by the undo itself does not hold it up."""
    for name in back:
        if name.endswith("_id"):
            hanging[name.removesuffix("_id"), str(image.values[name])].discard(place)


def unmake(row: RowChange, image: Image | None, hanging: set[Key], plan: Plan, keep) -> None:
    """What the revision made goes, if it is as it was made and nothing else hangs on it."""
    if image is None:
        return
    if image.values != row.after:
        keep("", CHANGED_SINCE)
    elif hanging:
        keep("", NEEDED_SINCE)
    elif image.values.get("first_published_at") and row.key not in plan.insert["mergednumber"]:
        keep("", PUBLIC_SINCE)
        withdrawn = {"state": State.WITHDRAWN.value, "withdrawn_reason": UNDONE_REASON}
        plan.update[row.noun][row.key] = withdrawn
    else:
        plan.remove[row.noun].append(row.key)


def values_back(row: RowChange, image: Image, keep) -> dict:
    """The columns that still say what the revision wrote, with what they said before."""
    back = {}
    for name, was in row.before.items():
        said, now = row.after[name], image.values.get(name)
        if now == was:
            continue
        if now != said:
            keep(name, CHANGED_SINCE)
        elif row.noun != "organization" or name not in PUBLICATION:
            back[name] = was
    return back | publication_back(row, image, keep)


def publication_back(row: RowChange, image: Image, keep) -> dict:
    """A publication is taken back by withdrawing; a withdrawal by publishing again."""
    if row.noun != "organization" or "state" not in row.before:
        return {}
    if image.values["state"] != row.after["state"]:
        return {}
    if row.before["state"] == State.DRAFT:
        keep("state", PUBLIC_SINCE)
        return {"state": State.WITHDRAWN.value, "withdrawn_reason": UNDONE_REASON}
    reason = row.before.get("withdrawn_reason", image.values["withdrawn_reason"])
    return {"state": row.before["state"], "withdrawn_reason": reason}


def goal(later: list[RowChange], now: dict[Key, Image]) -> Plan:
    """What takes the rows back over all these changes, the newest of which comes first."""
    target: dict[Key, dict | None] = {place: dict(i.values) for place, i in now.items()}
    for row in later:
        place = row.noun, row.key
        if row.before is None:
            target[place] = None
        elif row.after is None:
            target[place] = dict(row.before)
        else:
            target[place] = (target.get(place) or {}) | row.before
    plan = Plan()
    for place, values in target.items():
        aim(place, values, now.get(place), plan)
    return plan


def aim(place: Key, values: dict | None, image: Image | None, plan: Plan) -> None:
    noun, key = place
    if values is None and image is not None and noun != "organization":
        plan.remove[noun].append(key)
    elif values is not None and image is None:
        plan.insert[noun][key] = values
    elif values is not None and image is not None:
        fixed = PUBLICATION if noun == "organization" else ()
        back = {n: v for n, v in values.items() if v != image.values.get(n) and n not in fixed}
        if back:
            plan.update[noun][key] = back
