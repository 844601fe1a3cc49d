"""Snapshots of rows as plain values, to be compared, stored and restored.

The snapshot of an organization holds every row that belongs to it: aliases, memberships, contacts,
citations, sectors and merged numbers; that of a community also its seats and citations, that of a
role its seats. Rows of every other model have a snapshot of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import models

from directory.db.bulk import build_key_filter
from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    Membership,
    MergedNumber,
    Organization,
    Reading,
    Region,
    Role,
    Seat,
    Sector,
    Source,
)
from directory.models.date_fields import (
    PartialDateField,
    PrecisionField,
    get_partial_date,
    get_partial_date_fields,
)
from directory.partial_dates import PartialDate

# Referenced models come first: rows are restored in this order and deleted in the reverse one.
MODELS = (
    Reading, Region, Sector, Source, Role, Community, Seat,
    Organization, MergedNumber, Alias, Membership, Contact, Citation,
)  # fmt: skip
MODELS_BY_NAME: dict[str, type[models.Model]] = {
    str(model._meta.model_name): model for model in MODELS
}
MODEL_ORDER = {model_name: number for number, model_name in enumerate(MODELS_BY_NAME)}
DERIVED = {"organization": ("slug", "pinyin", "version")}
BATCH_SIZE = 1000
NO_SNAPSHOTS: Mapping[int, "RowSnapshot"] = MappingProxyType({})

# The model name and the primary key as text.
RowKey = tuple[str, str]


class RowSnapshot(NamedTuple):
    """One row: model name, primary key, the organization that owns it (if any), column values."""

    model_name: str
    key: str
    owner: int | None
    values: dict[str, Any]

    @property
    def row_key(self) -> RowKey:
        return self.model_name, self.key


Snapshots = dict[RowKey, RowSnapshot]


def get_model_name(row: models.Model) -> str:
    """Return the model name of a row; for a proxy, that of its concrete model."""
    model = row._meta.concrete_model or type(row)
    return str(model._meta.model_name)


def get_owner_keys(row: models.Model) -> set[int]:
    """Return the keys of the organizations that a row belongs to; empty for unowned rows."""
    keys: set[int | None] = set()
    if isinstance(row, Organization):
        keys = {row.pk}
    elif isinstance(row, Alias | Contact | Membership | MergedNumber):
        keys = {row.organization_id}
    elif isinstance(row, Citation):
        keys = {
            row.organization_id,
            row.alias.organization_id if row.alias_id and row.alias else None,
            row.membership.organization_id if row.membership_id and row.membership else None,
        }
    return {key for key in keys if key is not None}


def get_unowned_root(row: models.Model) -> models.Model | None:
    """Return the row without an owner in whose snapshot this row is; None if it has an owner."""
    if isinstance(row, Seat | Citation):
        return row.community if row.community_id else None
    return None if get_owner_keys(row) or isinstance(row, Organization) else row


def get_recorded_fields(model_name: str) -> list[models.Field]:
    """Return the concrete fields that people edit, without the primary key and derived columns.

    A partial date is one value: its precision is left out, and is in the text of the date.
    """
    return [
        field
        for field in MODELS_BY_NAME[model_name]._meta.concrete_fields
        if not field.primary_key
        and field.name not in DERIVED.get(model_name, ())
        and not isinstance(field, PrecisionField)
    ]


def to_plain_value(value: object) -> object:
    """Return a value as JSON can hold it: dates and times as ISO text, all else unchanged."""
    return value.isoformat() if isinstance(value, date | PartialDate) else value


def get_plain_value(row: models.Model, attname: str) -> object:
    """Return the value that a snapshot has of this column of a row."""
    field = row._meta.get_field(attname.removesuffix("_id"))
    is_date = isinstance(field, PartialDateField)
    return to_plain_value(get_partial_date(row, field.name) if is_date else getattr(row, attname))


def build_column_values(model_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a snapshot as the model's columns take them, by attribute name.

    A partial date gives two columns. Values of columns that do not exist are left out.
    """
    columns: dict[str, Any] = {}
    for field in get_recorded_fields(model_name):
        value = values.get(field.attname)
        if isinstance(field, PartialDateField) and field.attname in values:
            columns |= field.get_columns(PartialDate.fromisoformat(value) if value else None)
        elif field.attname in values:
            columns[field.attname] = field.to_python(value)
    return columns


def split_into_batches(keys: Iterable, size: int = BATCH_SIZE) -> Iterator[list]:
    """Yield the keys as lists of at most `size`."""
    remaining = iter(keys)
    while batch := list(islice(remaining, size)):
        yield batch


def snapshot_organizations(
    keys: Collection[int], known: Mapping[int, RowSnapshot] = NO_SNAPSHOTS
) -> Snapshots:
    """Return the snapshots of all rows of these organizations; none for an unknown number.

    `known`: snapshots of organization rows that need not be read again.
    """
    snapshots: Snapshots = {}
    for batch in split_into_batches(sorted(keys)):
        snapshots |= _snapshot_batch(batch, known)
    return snapshots


def snapshot_inserted(row: Organization) -> RowSnapshot:
    """Return the snapshot of an organization that was just inserted, without a query."""
    fields = get_recorded_fields("organization")
    values = {field.attname: get_plain_value(row, field.attname) for field in fields}
    return RowSnapshot("organization", str(row.pk), row.pk, values)


def _snapshot_batch(keys: list[int], known: Mapping[int, RowSnapshot]) -> Snapshots:
    rows = [known[key] for key in keys if key in known]
    if unknown := [key for key in keys if key not in known]:
        rows += _read_snapshots(
            Organization.objects.filter(**build_key_filter(unknown)), owner="pk"
        )
    sectors: dict[int | None, list[str]] = {}
    pairs = Organization.sectors.through.objects.filter(**build_key_filter(keys, "organization"))
    for key, code in pairs.order_by("sector_id").values_list("organization_id", "sector_id"):
        sectors.setdefault(key, []).append(code)
    for row in rows:
        row.values["sectors"] = sectors.get(row.owner, [])
    for model in (MergedNumber, Alias, Membership, Contact):
        owned = model.objects.filter(**build_key_filter(keys, "organization"))
        rows += _read_snapshots(owned, owner="organization_id")
    for owner in ("organization", "alias__organization", "membership__organization"):
        path = owner if "__" in owner else f"{owner}_id"
        rows += _read_snapshots(
            Citation.objects.filter(**build_key_filter(keys, owner)), owner=path
        )
    return {row.row_key: row for row in rows}


def snapshot_row(row: models.Model) -> Snapshots:
    """Return the stored snapshot of a row without an owner, with the rows that belong to it."""
    model_name = get_model_name(row)
    rows = [*_read_snapshots(MODELS_BY_NAME[model_name]._default_manager.filter(pk=row.pk))]
    # A seat belongs to a community and to a role.
    if model_name in ("community", "role"):
        rows += _read_snapshots(Seat.objects.filter(**{model_name: row.pk}))
    if model_name == "community":
        rows += _read_snapshots(Citation.objects.filter(community=row.pk))
    return {row.row_key: row for row in rows}


def _read_snapshots(rows: models.QuerySet[Any, Any], owner: str = "") -> Iterator[RowSnapshot]:
    model_name = str(rows.model._meta.model_name)
    names = [field.attname for field in get_recorded_fields(model_name)]
    dates = get_partial_date_fields(rows.model)
    columns = ["pk", owner or "pk", *names, *(field.precision_name for field in dates)]
    for key, owner_key, *values in rows.order_by().values_list(*columns):
        plain = dict(zip(names, map(to_plain_value, values), strict=False))
        for field, precision in zip(dates, values[len(names) :], strict=True):
            day = values[names.index(field.name)]
            plain[field.name] = to_plain_value(field.build_value(day, precision))
        yield RowSnapshot(model_name, str(key), owner_key if owner else None, plain)


class RowDifference(NamedTuple):
    """The values of one row before and after a change: the columns of a `RowChange`."""

    noun: str
    key: str
    organization: int | None
    formerly: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def diff_snapshots(before: Snapshots, after: Snapshots) -> Iterator[RowDifference]:
    """Yield a difference for each row added, removed or changed, in the order of `MODELS`."""
    keys = sorted(before.keys() | after.keys(), key=lambda key: (MODEL_ORDER[key[0]], key[1]))
    for row_key in keys:
        old, new = before.get(row_key), after.get(row_key)
        if old is None or new is None:
            existing = old or new
            owner = existing.owner if existing else None
            yield RowDifference(*row_key, owner, None, old and old.values, new and new.values)
        elif names := [name for name in new.values if new.values[name] != old.values.get(name)]:
            former_owner = old.owner if old.owner != new.owner else None
            old_values = {name: old.values.get(name) for name in names}
            new_values = {name: new.values[name] for name in names}
            yield RowDifference(*row_key, new.owner, former_owner, old_values, new_values)
