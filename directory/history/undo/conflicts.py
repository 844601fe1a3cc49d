"""Write an undo plan; what cannot be restored is left out before, and reported.

The databases check foreign keys only at the end of the transaction, so they are checked here first.
"""

from collections import defaultdict
from collections.abc import Collection
from operator import itemgetter

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from directory import snapshots
from directory.history.recorder import ChangeRecorder
from directory.history.undo import plan as undo_plan
from directory.history.undo.plan import (
    OWNED_MODELS,
    UndoPlan,
    UndoResult,
    build_row,
    release_updated_keys,
    write_plan,
)
from directory.models import MergedNumber, Organization, Sector
from directory.models.date_fields import get_partial_date_fields
from directory.snapshots import RowKey, Snapshots

# These are restored without an optional foreign key whose target is missing.
MODELS_WITH_OPTIONAL_LINKS = ("organization", "community")
# What a citation belongs to and which field it is about: meaningful only together.
CITATION_TARGET = ("organization_id", "community_id", "alias_id", "membership_id", "field")


def apply_plan(
    plan: UndoPlan, recorder: ChangeRecorder, now: Snapshots, result: UndoResult
) -> None:
    """Write the plan as a whole; if the database refuses that, without what it refuses."""
    drop_unrestorable(plan, now, result)
    while error := try_to_write(plan):
        conflicts = find_conflicts(plan)
        if not conflicts:
            raise error
        for row_key, columns in conflicts:
            resolve_conflict(plan, row_key, columns, now, result)
        drop_unrestorable(plan, now, result)
    result.restored += plan.size
    recorder.fully_restored |= plan.fully_restored
    removed = {int(key) for key in plan.remove["organization"]}
    recorder.organizations |= recorder.tracked - removed
    result.organizations |= recorder.organizations
    recorder.deleted |= removed
    recorder.regions |= {*plan.insert["region"], *plan.update["region"]}
    readings = (plan.remove["reading"], plan.insert["reading"], plan.update["reading"])
    recorder.changed_characters.update(*readings)


def drop_unrestorable(plan: UndoPlan, now: Snapshots, result: UndoResult) -> None:
    """Drop from the plan what is known to be impossible before the database is asked."""
    drop_conflicting_numbers(plan, now, result)
    for model_name in snapshots.MODELS_BY_NAME:
        for field in snapshots.get_recorded_fields(model_name):
            if isinstance(field, models.ForeignKey):
                drop_orphans(plan, model_name, field, now, result)
    drop_missing_sectors(plan, now, result)


# -- References to missing rows ---------------------------------------------------


def find_remaining_keys(
    plan: UndoPlan, model: type[models.Model], wanted: Collection[str]
) -> set[str]:
    """Return which of these rows exist once the plan is written."""
    model_name = str(model._meta.model_name)
    rows = model._base_manager.filter(pk__in=wanted)
    stored = {str(key) for key in rows.values_list("pk", flat=True)}
    return stored - {*plan.remove[model_name]} | {*plan.insert[model_name]}


def drop_orphans(
    plan: UndoPlan, model_name: str, link: models.ForeignKey, now: Snapshots, result: UndoResult
) -> None:
    """Drop the links of a model, or whole rows, that refer to rows which will not exist."""
    rows = plan.get_restored_rows(model_name)
    wanted = {str(v[link.attname]) for v in rows.values() if v.get(link.attname) is not None}
    missing = wanted and wanted - find_remaining_keys(plan, link.related_model, wanted)
    for key, values in rows.items():
        if missing and str(values.get(link.attname)) in missing:
            drop_link(plan, (model_name, key), link, now, result)


def drop_link(
    plan: UndoPlan, row_key: RowKey, link: models.ForeignKey, now: Snapshots, result: UndoResult
) -> None:
    """Drop a reference to a missing row; the whole row, where it cannot exist without it."""
    model_name, key = row_key
    if key in plan.update[model_name]:
        is_owner = model_name in OWNED_MODELS and link.attname in CITATION_TARGET
        reason = undo_plan.ORPHANED if is_owner else undo_plan.NOT_THERE
        result.add_not_restored(row_key, now, reason, link.attname)
        columns = CITATION_TARGET if model_name == "citation" and is_owner else [link.attname]
        for column in columns:
            plan.drop_column(row_key, column)
    elif model_name in MODELS_WITH_OPTIONAL_LINKS and link.null:
        result.add_not_restored(row_key, now, undo_plan.NOT_THERE, link.attname)
        plan.drop_column(row_key, link.attname)
    else:
        result.add_not_restored(row_key, now, undo_plan.ORPHANED)
        plan.drop_row(row_key)


def drop_missing_sectors(plan: UndoPlan, now: Snapshots, result: UndoResult) -> None:
    """Drop sectors that will not exist from the sectors of organizations."""
    rows = plan.get_restored_rows("organization")
    wanted = {code for values in rows.values() for code in values.get("sectors") or ()}
    missing = wanted and wanted - find_remaining_keys(plan, Sector, wanted)
    for key, values in rows.items():
        if missing and not missing.isdisjoint(values.get("sectors") or ()):
            remaining = [code for code in values["sectors"] if code not in missing]
            part = plan.insert if key in plan.insert["organization"] else plan.update
            part["organization"][key] = values | {"sectors": remaining}
            result.add_not_restored(("organization", key), now, undo_plan.NOT_THERE, "sectors")


def drop_conflicting_numbers(plan: UndoPlan, now: Snapshots, result: UndoResult) -> None:
    """Keep each number either an organization or a merged number.

    Never both; and a number that was merged never becomes neither.
    """
    removed, inserted = {*plan.remove["mergednumber"]}, {*plan.insert["mergednumber"]}
    if removed or inserted:
        existing = find_remaining_keys(plan, Organization, removed | inserted)
        refused = [(number, undo_plan.LEADS_ON) for number in removed - existing]
        refused += [(number, undo_plan.HAS_ENTRY) for number in inserted & existing]
        for number, reason in sorted(refused, key=itemgetter(0)):
            result.add_not_restored(("mergednumber", number), now, reason)
            plan.drop_row(("mergednumber", number))
    if organizations := {*plan.insert["organization"]}:
        for row in MergedNumber.objects.filter(number__in=organizations - removed):
            row_key = ("organization", str(row.number))
            result.add_not_restored(row_key, now, undo_plan.format_merged_reason(row))
            plan.drop_row(row_key)


# -- Rows that the database refuses -----------------------------------------------


def try_to_write(plan: UndoPlan) -> IntegrityError | None:
    """Write the whole plan; return the database's error, if any: then nothing is written."""
    try:
        with transaction.atomic():
            write_plan(plan)
    except IntegrityError as error:
        return error
    return None


def find_conflicts(plan: UndoPlan) -> list[tuple[RowKey, set[str]]]:
    """Return the rows that the database refuses, each with the conflicting columns.

    The rows are written one by one, and all of that is rolled back.
    """
    conflicts = []
    with transaction.atomic():
        # Rows that exchange unique keys with each other do not conflict.
        update = {name: release_updated_keys(name, rows) for name, rows in plan.update.items()}
        released = UndoPlan(plan.remove, plan.insert, defaultdict(dict, update))
        for single, row_key in released.split_into_single_rows():
            try:
                with transaction.atomic():
                    write_plan(single)
            except IntegrityError:
                conflicts.append((row_key, find_conflicting_columns(single, row_key)))
        transaction.set_rollback(True)
    return conflicts


def find_conflicting_columns(single: UndoPlan, row_key: RowKey) -> set[str]:
    """Return the columns of all constraints that the row would violate."""
    model_name, key = row_key
    model = snapshots.MODELS_BY_NAME[model_name]
    row: models.Model | None = model._base_manager.filter(pk=key).first()
    for rows in (single.insert[model_name], single.update[model_name]):
        if values := rows.get(key):
            target = build_row(model_name, key, values)
            row = row or target
            for name in snapshots.build_column_values(model_name, values):
                setattr(row, name, getattr(target, name))
    violated = [each for each in get_constraints(model) if violates_constraint(each, row)]
    return {column for each in violated for column in get_constraint_columns(each, model)}


def get_constraints(model: type[models.Model]) -> list[models.BaseConstraint]:
    """Return the constraints of a model, those of its unique fields included."""
    unique = [
        models.UniqueConstraint(fields=[field.name], name=field.name)
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    ]
    return [*model._meta.constraints, *unique]


def violates_constraint(constraint: models.BaseConstraint, row: models.Model | None) -> bool:
    if row is None:
        return False
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return True
    return False


def get_constraint_columns(
    constraint: models.BaseConstraint, model: type[models.Model]
) -> set[str]:
    """Return the columns that a constraint names, in its fields or its condition."""
    names = {*getattr(constraint, "fields", ())}
    # Every constraint of the project is a CheckConstraint or UniqueConstraint: both have one.
    condition = constraint.condition  # type: ignore[attr-defined]
    if condition is not None:
        names |= condition.referenced_base_fields
    columns = {field.name: field.attname for field in model._meta.concrete_fields}
    # In a snapshot a partial date is one value.
    columns |= {field.precision_name: field.name for field in get_partial_date_fields(model)}
    return {columns[name] for name in names}


def resolve_conflict(
    plan: UndoPlan, row_key: RowKey, columns: set[str], now: Snapshots, result: UndoResult
) -> None:
    """Drop the conflicting columns, or the row: what was entered since has precedence."""
    model_name, key = row_key
    if key in plan.update[model_name]:
        dropped = columns & plan.update[model_name][key].keys()
    else:
        dropped = find_clearable_columns(model_name, columns, plan.insert[model_name].get(key, {}))
    is_removal = key in plan.remove[model_name]
    reason = undo_plan.NEEDED_SINCE if is_removal else undo_plan.CLASHES
    for column in sorted(dropped):
        result.add_not_restored(row_key, now, reason, column)
        plan.drop_column(row_key, column, "")
    if not dropped:
        result.add_not_restored(row_key, now, reason)
        plan.drop_row(row_key)


def find_clearable_columns(model_name: str, columns: set[str], values: dict) -> set[str]:
    """Return the filled ones of these columns, if the row may have them all empty."""
    fields = {field.attname: field for field in snapshots.get_recorded_fields(model_name)}
    filled = {name for name in columns if values.get(name) not in (None, "")}
    all_optional = all(fields[name].blank and not fields[name].is_relation for name in columns)
    return filled if all_optional else set()
