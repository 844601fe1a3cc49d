"""Build undo plans: which rows to write so that earlier values return and later edits stay.

A value is restored only where the row still has what the revision wrote; what was edited since
stays, and is reported as not restored.
"""

from collections.abc import Callable
from typing import Any

from directory import snapshots
from directory.history.recorder import get_row_changes
from directory.history.undo.plan import (
    BACK_SINCE,
    CHANGED_SINCE,
    GONE_SINCE,
    HIDDEN_SINCE,
    NEEDED_SINCE,
    PUBLIC_SINCE,
    NotRestored,
    UndoPlan,
    UndoResult,
    format_merged_reason,
)
from directory.history.undo.references import (
    discard_moved_references,
    index_references,
    is_referenced,
)
from directory.models import MergedNumber, RowChange, State
from directory.snapshots import RowKey, RowSnapshot, Snapshots

# Takes a column ("" for the row) and the reason why it is not restored.
AddNotRestored = Callable[[str, object], None]

# A public address must go on answering: these never return to what they are in a draft.
PUBLICATION_FIELDS = ("state", "first_published_at", "withdrawn_reason")
UNDONE_REASON = "录入已撤销 / The entry was undone"


def build_undo_plan(changes: list[RowChange], now: Snapshots, result: UndoResult) -> UndoPlan:
    """Build the plan that reverts these changes of one revision."""
    plan = UndoPlan()
    removed: set[RowKey] = set()
    references, merged = index_references(now), find_merged_since(changes, now)
    # Referring rows come first, so that they do not prevent the removal of what they refer to.
    for row in sorted(changes, key=lambda change: -snapshots.MODEL_ORDER[change.noun]):
        row_key = row.noun, row.key
        snapshot = now.get(row_key)
        add_not_restored = build_reporter(row, result)
        if row_key in merged:
            add_not_restored("", merged[row_key])
        elif row.before is None:
            plan_removal(row, snapshot, references[row_key] - removed, plan, add_not_restored)
            removed |= {row_key} if row.key in plan.remove[row.noun] else set()
        elif row.after is None and snapshot is not None:
            add_not_restored("", BACK_SINCE)
        elif row.after is None:
            plan.insert[row.noun][row.key] = row.before
        elif snapshot is None:
            add_not_restored("", GONE_SINCE)
        elif values := get_restorable_values(row, snapshot, plan, add_not_restored):
            plan.update[row.noun][row.key] = values
            discard_moved_references(row_key, snapshot, values, references)
    return plan


def find_merged_since(changes: list[RowChange], now: Snapshots) -> dict[RowKey, str]:
    """Return the changed organizations that were merged into another one since, with the reason."""
    written = {(row.noun, row.key) for row in changes if row.after and row.noun == "organization"}
    missing = [key for _model_name, key in written - now.keys()]
    rows = MergedNumber.objects.filter(number__in=missing) if missing else ()
    return {("organization", str(row.number)): format_merged_reason(row) for row in rows}


def build_reporter(row: RowChange, result: UndoResult) -> AddNotRestored:
    """Return a function that reports a column of this row as not restored."""

    def add_not_restored(column: str, reason: object) -> None:
        result.not_restored.append(NotRestored(row.organization, row.noun, row.key, column, reason))

    return add_not_restored


def plan_removal(
    row: RowChange,
    snapshot: RowSnapshot | None,
    referring: set[RowKey],
    plan: UndoPlan,
    add_not_restored: AddNotRestored,
) -> None:
    """Plan to remove a row that the revision added, if it is unchanged and not referred to."""
    if snapshot is None:
        return
    if is_edited_since(row, snapshot):
        add_not_restored("", CHANGED_SINCE)
    elif referring or is_referenced((row.noun, row.key), plan):
        add_not_restored("", NEEDED_SINCE)
    elif snapshot.values.get("first_published_at") and row.key not in plan.insert["mergednumber"]:
        add_not_restored("", PUBLIC_SINCE)
        withdrawn = {"state": State.WITHDRAWN.value, "withdrawn_reason": UNDONE_REASON}
        plan.update[row.noun][row.key] = withdrawn
    else:
        plan.remove[row.noun].append(row.key)


def is_edited_since(row: RowChange, snapshot: RowSnapshot) -> bool:
    """Return whether a row says something else now than a revision wrote.

    Columns that were added to the model after the revision are not compared.
    """
    return any(snapshot.values.get(name) != value for name, value in (row.after or {}).items())


def get_restorable_values(
    row: RowChange, snapshot: RowSnapshot, plan: UndoPlan, add_not_restored: AddNotRestored
) -> dict[str, Any]:
    """Return the old values of the columns that still have what the revision wrote."""
    before, after = row.before or {}, row.after or {}
    values = {}
    for name, old in before.items():
        current = snapshot.values.get(name)
        if current == old:
            continue
        if current != after[name]:
            add_not_restored(name, CHANGED_SINCE)
        elif row.noun != "organization" or name not in PUBLICATION_FIELDS:
            values[name] = old
    restore_proposer(row, snapshot, values, plan, add_not_restored)
    return values | get_restored_publication(row, snapshot, add_not_restored)


def restore_proposer(
    row: RowChange,
    snapshot: RowSnapshot,
    values: dict[str, Any],
    plan: UndoPlan,
    add_not_restored: AddNotRestored,
) -> None:
    """Restore who proposed a role only together with all that was proposed."""
    is_proposal = snapshot.values.get("proposed_by") or "proposed_by" in values
    if row.noun != "membership" or not is_proposal:
        return
    owners = {row.organization, row.formerly, snapshot.owner}
    changes = get_row_changes([key for key in owners if key is not None])
    later = changes.filter(noun=row.noun, key=row.key, revision__gt=row.revision_id)
    if not later.exists():
        plan.fully_restored.add((row.noun, row.key))
    elif values.pop("proposed_by", None) is not None:
        add_not_restored("proposed_by", CHANGED_SINCE)


def get_restored_publication(
    row: RowChange, snapshot: RowSnapshot, add_not_restored: AddNotRestored
) -> dict[str, Any]:
    """Return the values that revert a publication by withdrawing, a withdrawal by publishing."""
    before, after = row.before or {}, row.after or {}
    if row.noun != "organization" or "state" not in before:
        return {}
    if snapshot.values["state"] != after["state"]:
        return {}
    if before["state"] == State.DRAFT:
        add_not_restored("state", PUBLIC_SINCE)
        return {"state": State.WITHDRAWN.value, "withdrawn_reason": UNDONE_REASON}
    reason = before.get("withdrawn_reason", snapshot.values["withdrawn_reason"])
    return {"state": before["state"], "withdrawn_reason": reason}


def build_restore_plan(later: list[RowChange], now: Snapshots, result: UndoResult) -> UndoPlan:
    """Build the plan that reverts all these changes, the newest of which comes first."""
    targets: dict[RowKey, dict[str, Any] | None] = {
        row_key: dict(snapshot.values) for row_key, snapshot in now.items()
    }
    for row in later:
        row_key = row.noun, row.key
        if row.before is None:
            targets[row_key] = None
        elif row.after is None:
            targets[row_key] = dict(row.before)
        else:
            targets[row_key] = (targets.get(row_key) or {}) | row.before
    plan = UndoPlan()
    moved = {(row.noun, row.key) for row in later if row.formerly is not None}
    # The changes of a row while it belonged to another organization are not among these.
    plan.fully_restored = targets.keys() - moved
    for row_key, values in targets.items():
        add_target_to_plan(row_key, values, now.get(row_key), plan)
        if row_key[0] == "organization" and is_published_only_then(values, now.get(row_key)):
            result.add_not_restored(row_key, now, HIDDEN_SINCE, "state")
    return plan


def is_published_only_then(target: dict[str, Any] | None, snapshot: RowSnapshot | None) -> bool:
    """Return whether an organization was published then and is not now: it stays so."""
    if target is None or snapshot is None:
        return False
    states = target.get("state"), snapshot.values.get("state")
    return states[0] == State.PUBLISHED and states[1] != State.PUBLISHED


def add_target_to_plan(
    row_key: RowKey,
    target: dict[str, Any] | None,
    snapshot: RowSnapshot | None,
    plan: UndoPlan,
) -> None:
    """Plan to give a row these values; None for a row that did not exist."""
    model_name, key = row_key
    if target is None and snapshot is not None and model_name != "organization":
        plan.remove[model_name].append(key)
    elif target is not None and snapshot is None:
        plan.insert[model_name][key] = target
    elif target is not None and snapshot is not None:
        fixed = PUBLICATION_FIELDS if model_name == "organization" else ()
        current = snapshot.values
        values = {n: v for n, v in target.items() if v != current.get(n) and n not in fixed}
        if values:
            plan.update[model_name][key] = values
