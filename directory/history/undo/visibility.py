"""Keep hidden what was hidden later than the revision: the past alone publishes nothing.

An undo takes back that its own revision hid something. What was hidden, withdrawn or deleted by a
later revision, or lost the basis of its publication, stays so and is reported as not restored.
"""

from collections.abc import Collection
from typing import Any

from directory.history.recorder import get_row_changes
from directory.history.undo import plan as undo_plan
from directory.history.undo.plan import UndoPlan, UndoResult
from directory.models import Contact, MergedNumber, RowChange, State
from directory.snapshots import RowKey, RowSnapshot, Snapshots

# The columns that decide whether visitors see a row, the deciding one first.
VISIBILITY_COLUMNS = {
    "organization": ("state", "withdrawn_reason"),
    "membership": ("state",),
    "contact": ("hidden", "about", "basis", "basis_on"),
}


# With which values a row comes back without being public, and by which columns it is known again.
HIDDEN_VALUES: dict[str, dict[str, Any]] = {
    "contact": {"hidden": True},
    "membership": {"state": State.DRAFT.value},
}
TWIN_COLUMNS = {"contact": ("channel", "value"), "membership": ("community_id", "role_id")}


def is_public(model_name: str, values: dict[str, Any]) -> bool:
    """Return whether a row with these values is for visitors, as far as the row itself says."""
    if model_name != "contact":
        return values.get("state") == State.PUBLISHED
    has_basis = bool(values.get("basis_on") and str(values.get("basis") or "").strip())
    is_person = values.get("about") == Contact.About.PERSON
    return not values.get("hidden") and (has_basis or not is_person)


def keep_hidden_in_undo(
    plan: UndoPlan, changes: list[RowChange], now: Snapshots, result: UndoResult
) -> None:
    """Leave hidden what a later revision hid, also where the same is about to come back."""
    decided = find_decided_later(changes, now)
    keep_updates_hidden(plan, now, result, decided)
    for row_key, values in list_public_insertions(plan):
        if has_hidden_twin(row_key[0], values, decided, now):
            insert_hidden(plan, row_key, HIDDEN_VALUES[row_key[0]], now, result)
    for key, values in list(plan.insert["organization"].items()):
        kept = get_withdrawn_successor(key, now) if is_public("organization", values) else None
        if kept is not None and kept.row_key in decided:
            reason = kept.values["withdrawn_reason"]
            withdrawn = {"state": State.WITHDRAWN.value, "withdrawn_reason": reason}
            insert_hidden(plan, ("organization", key), withdrawn, now, result)


def keep_hidden_in_restore(plan: UndoPlan, now: Snapshots, result: UndoResult) -> None:
    """Leave hidden whatever is hidden or deleted now, unless the whole organization returns."""
    keep_updates_hidden(plan, now, result, now.keys())
    for row_key, values in list_public_insertions(plan):
        if str(values.get("organization_id")) not in plan.insert["organization"]:
            insert_hidden(plan, row_key, HIDDEN_VALUES[row_key[0]], now, result)


def list_public_insertions(plan: UndoPlan) -> list[tuple[RowKey, dict[str, Any]]]:
    """Return the contacts and roles that would come back for visitors to see."""
    return [
        ((model_name, key), values)
        for model_name in HIDDEN_VALUES
        for key, values in plan.insert[model_name].items()
        if is_public(model_name, values)
    ]


def keep_updates_hidden(
    plan: UndoPlan, now: Snapshots, result: UndoResult, decided: Collection[RowKey]
) -> None:
    """Drop what would make one of the decided rows public, if it is not public now."""
    for model_name, columns in VISIBILITY_COLUMNS.items():
        for key, values in list(plan.update[model_name].items()):
            row_key, current = (model_name, key), now[model_name, key].values
            becomes_public = is_public(model_name, {**current, **values})
            if not becomes_public or is_public(model_name, current) or row_key not in decided:
                continue
            for column in (name for name in columns if name in values):
                result.add_not_restored(row_key, now, undo_plan.HIDDEN_SINCE, column)
                plan.drop_column(row_key, column)


def insert_hidden(
    plan: UndoPlan, row_key: RowKey, values: dict[str, Any], now: Snapshots, result: UndoResult
) -> None:
    """Insert a row with these values instead of those with which visitors would see it."""
    model_name, key = row_key
    plan.insert[model_name][key] = plan.insert[model_name][key] | values
    plan.fully_restored.discard(row_key)
    column = VISIBILITY_COLUMNS[model_name][0]
    result.add_not_restored(row_key, now, undo_plan.RETURNS_HIDDEN, column)


def find_decided_later(changes: list[RowChange], now: Snapshots) -> set[RowKey]:
    """Return the rows about whose visibility a later revision than that of these decided."""
    owners = {key for row in changes for key in (row.organization, row.formerly)}
    owners |= {row.owner for row in now.values()}
    later = get_row_changes([key for key in owners if key is not None])
    later = later.filter(noun__in=VISIBILITY_COLUMNS, after__isnull=False, before__isnull=False)
    return {
        (change.noun, change.key)
        for change in later.filter(
            revision__gt=max((row.revision_id for row in changes), default=0)
        )
        if {*VISIBILITY_COLUMNS[change.noun]} & {*(change.after or {})}
    }


def has_hidden_twin(
    model_name: str, values: dict[str, Any], decided: Collection[RowKey], now: Snapshots
) -> bool:
    """Return whether one of the decided rows says the same and is not public."""
    columns = TWIN_COLUMNS[model_name]
    return any(
        row_key in now
        and all(now[row_key].values[name] == values.get(name) for name in columns)
        and not is_public(model_name, now[row_key].values)
        for row_key in decided
        if row_key[0] == model_name
    )


def get_withdrawn_successor(key: str, now: Snapshots) -> RowSnapshot | None:
    """Return the organization into which this one was merged, if it is withdrawn now."""
    merged = MergedNumber.objects.filter(number=key).first()
    kept = now.get(("organization", str(merged.organization_id))) if merged else None
    return kept if kept and kept.values.get("state") == State.WITHDRAWN else None
