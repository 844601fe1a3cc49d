"""Unique keys of a model, and how rows that exchange them are written one after the other.

Two rows that exchange their names, or a row that takes over what another one gives up, are refused
by the database while they are written, although the end state is lawful: neither SQLite nor
PostgreSQL defers a unique constraint with a condition to the end of a transaction.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import models
from django.utils.functional import Promise


class UniqueKey(NamedTuple):
    """The columns that make rows of a model unique, and for which rows they do."""

    name: str
    columns: tuple[models.Field, ...]
    condition: models.Q | None
    message: str | Promise | None

    @property
    def column_names(self) -> set[str]:
        """The columns that decide whether two rows are equal, those of the condition included."""
        names = {column.attname for column in self.columns}
        return names | (self.condition.referenced_base_fields if self.condition else set())

    def get_values(self, row: models.Model) -> tuple:
        return tuple(getattr(row, column.attname) for column in self.columns)

    def applies_to(self, row: models.Model) -> bool:
        """Whether the row meets the condition of the constraint; asks the database."""
        if self.condition is None:
            return True
        fields = row._meta.concrete_fields
        values = {field.name: models.Value(getattr(row, field.attname), field) for field in fields}
        return self.condition.check(values)


def get_unique_keys(model: type[models.Model]) -> list[UniqueKey]:
    """The unique constraints and unique columns of a model, but not its primary key."""
    columns = {field.name: field for field in model._meta.concrete_fields}
    keys = [
        UniqueKey(field.name, (field,), None, None)
        for field in columns.values()
        if field.unique and not field.primary_key
    ]
    for each in model._meta.constraints:
        if isinstance(each, models.UniqueConstraint):
            fields = tuple(columns[name] for name in each.fields)
            keys.append(UniqueKey(each.name, fields, each.condition, each.violation_error_message))
    return keys


def release_keys(
    rows: Iterable[models.Model], parent: models.Field | None = None
) -> dict[Any, set[str]]:
    """Free the unique keys of stored rows that others of these rows are about to take over.

    `rows`: of one model, as they will be; those without a primary key are new. Call it in the
    transaction that then writes them all. The stored keys get a placeholder, in a column other than
    `parent`, which nobody outside of the transaction reads, nor the history; that of a foreign key
    refers to no row, which the databases check at the end of the transaction. Returns which columns
    have to be written, by primary key.
    """
    rows = list(rows)
    released: dict[Any, set[str]] = {}
    for key in get_unique_keys(type(rows[0])) if rows else ():
        column = next((each for each in key.columns if can_hold_placeholder(each, parent)), None)
        wanted: dict[tuple, set] = {}
        for row in rows:
            wanted.setdefault(key.get_values(row), set()).add(row.pk)
        for stored in _read_stored(rows):
            if column is not None and wanted.get(key.get_values(stored), set()) - {stored.pk}:
                values = {column.attname: _make_placeholder(key, column, stored)}
                type(stored)._base_manager.filter(pk=stored.pk).update(**values)
                released.setdefault(stored.pk, set()).add(column.attname)
    return released


def _read_stored(rows: list[models.Model]) -> models.QuerySet:
    keys = [row.pk for row in rows if row.pk is not None]
    return type(rows[0])._base_manager.filter(pk__in=keys)


def can_hold_placeholder(column: models.Field, parent: models.Field | None) -> bool:
    """Whether the column can hold a value for a moment that no row has: a text or a foreign key."""
    return column != parent and isinstance(column, models.CharField | models.ForeignKey)


def _make_placeholder(key: UniqueKey, column: models.Field, row: models.Model) -> str | int:
    if column.blank and key.condition is not None:
        return ""  # such as an optional code, whose form the database checks
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    return uuid4().hex[: target.max_length] if isinstance(target, models.CharField) else -row.pk
