"""Find the rows that refer to a row, so that removing it deletes nothing entered by others."""

from collections import defaultdict
from typing import Any

from django.db import models

from directory import snapshots
from directory.history.undo.plan import OWNED_MODELS, UndoPlan
from directory.models import Organization
from directory.snapshots import RowKey, RowSnapshot, Snapshots


def index_references(now: Snapshots) -> dict[RowKey, set[RowKey]]:
    """Return the keys of the referring rows by the key of the row that they refer to."""
    references: dict[RowKey, set[RowKey]] = defaultdict(set)
    for row_key, snapshot in now.items():
        for name, value in snapshot.values.items():
            if name.endswith("_id") and value is not None:
                references[name.removesuffix("_id"), str(value)].add(row_key)
    return references


def discard_moved_references(
    row_key: RowKey,
    snapshot: RowSnapshot,
    values: dict[str, Any],
    references: dict[RowKey, set[RowKey]],
) -> None:
    """Remove references that the undo itself changes: they do not prevent a removal."""
    for name in values:
        if name.endswith("_id"):
            references[name.removesuffix("_id"), str(snapshot.values[name])].discard(row_key)


def is_referenced(row_key: RowKey, plan: UndoPlan) -> bool:
    """Return whether a row outside of the plan refers to this row, if it is an unowned one."""
    model_name, key = row_key
    if model_name in (*OWNED_MODELS, "organization"):
        return False
    relations = snapshots.MODELS_BY_NAME[model_name]._meta.get_fields(include_hidden=True)
    return any(
        is_referenced_by(relation.field, key, plan)
        for relation in relations
        if isinstance(relation, models.ManyToOneRel) and relation.one_to_many
    )


def is_referenced_by(link: models.ForeignKey, key: str, plan: UndoPlan) -> bool:
    """Return whether a row outside of the plan refers to `key` through this foreign key."""
    rows = link.model._base_manager.filter(**{link.name: key})
    owner, column, model_name = "pk", link.attname, str(link.model._meta.model_name)
    if link.model is Organization.sectors.through:
        owner, column, model_name = "organization", "sectors", "organization"
    changing = {other for other, values in plan.update[model_name].items() if column in values}
    return rows.exclude(**{f"{owner}__in": changing | {*plan.remove[model_name]}}).exists()
