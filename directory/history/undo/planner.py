"""What is to be written so that rows say again what they said, keeping what came later.

A value goes back only where it still says what the revision wrote; what somebody has edited
since stays, and is told.
"""

from collections.abc import Callable

from directory import snapshots
from directory.history import recorder
from directory.history.undo.plan import (
    BACK_SINCE,
    CHANGED_SINCE,
    GONE_SINCE,
    NEEDED_SINCE,
    PUBLIC_SINCE,
    Kept,
    Plan,
    Undone,
    merged,
)
from directory.history.undo.references import is_needed, let_go, pointing
from directory.models import MergedNumber, RowChange, State
from directory.snapshots import Image, Key

# An address that was known goes on answering: these never return to what a draft has.
PUBLICATION = ("state", "first_published_at", "withdrawn_reason")
UNDONE_REASON = "录入已撤销 / The entry was undone"


def planned(changes: list[RowChange], now: dict[Key, Image], done: Undone) -> Plan:
    plan = Plan()
    going: set[Key] = set()
    hanging, elsewhere = pointing(now), merged_since(changes, now)
    # What hangs on another row is judged before it, so that it does not hold the other up.
    for row in sorted(changes, key=lambda each: -snapshots.ORDER[each.noun]):
        place = row.noun, row.key
        image = now.get(place)
        keep = keeper(row, done)
        if place in elsewhere:
            keep("", elsewhere[place])
        elif row.before is None:
            unmake(row, image, hanging[place] - going, plan, keep)
            going |= {place} if row.key in plan.remove[row.noun] else set()
        elif row.after is None and image is not None:
            keep("", BACK_SINCE)
        elif row.after is None:
            plan.insert[row.noun][row.key] = row.before
        elif image is None:
            keep("", GONE_SINCE)
        elif back := values_back(row, image, plan, keep):
            plan.update[row.noun][row.key] = back
            let_go(place, image, back, hanging)
    return plan


def merged_since(changes: list[RowChange], now: dict[Key, Image]) -> dict[Key, str]:
    """The entries that were changed or made here and merged into another one since."""
    mine = {(row.noun, row.key) for row in changes if row.after and row.noun == "organization"}
    wanted = [key for noun, key in mine - now.keys()]
    found = MergedNumber.objects.filter(number__in=wanted) if wanted else ()
    return {("organization", str(row.number)): merged(row) for row in found}


def keeper(row: RowChange, done: Undone) -> Callable[[str, object], None]:
    def keep(column: str, reason: object) -> None:
        done.kept.append(Kept(row.organization, row.noun, row.key, column, reason))

    return keep


def unmake(row: RowChange, image: Image | None, hanging: set[Key], plan: Plan, keep) -> None:
    """What the revision made goes, if it is as it was made and nothing else hangs on it."""
    if image is None:
        return
    if image.values != row.after:
        keep("", CHANGED_SINCE)
    elif hanging or is_needed((row.noun, row.key), plan):
        keep("", NEEDED_SINCE)
    elif image.values.get("first_published_at") and row.key not in plan.insert["mergednumber"]:
        keep("", PUBLIC_SINCE)
        withdrawn = {"state": State.WITHDRAWN.value, "withdrawn_reason": UNDONE_REASON}
        plan.update[row.noun][row.key] = withdrawn
    else:
        plan.remove[row.noun].append(row.key)


def values_back(row: RowChange, image: Image, plan: Plan, keep) -> dict:
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
    propose_back(row, image, back, plan, keep)
    return back | publication_back(row, image, keep)


def propose_back(row: RowChange, image: Image, back: dict, plan: Plan, keep) -> None:
    """Who proposed a role comes back with all that was proposed, or not at all."""
    if row.noun != "membership" or not (image.values["proposed_by"] or "proposed_by" in back):
        return
    whose = {row.organization, row.formerly, image.owner} - {None}
    later = recorder.of(whose).filter(noun=row.noun, key=row.key, revision__gt=row.revision_id)
    if not later.exists():
        plan.whole.add((row.noun, row.key))
    elif back.pop("proposed_by", None) is not None:
        keep("proposed_by", CHANGED_SINCE)


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
    moved = {(row.noun, row.key) for row in later if row.formerly is not None}
    # What was written of a row while it was another one's is not among these changes.
    plan.whole = target.keys() - moved
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
