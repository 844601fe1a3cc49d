"""Bulk operations: insert many rows in one statement, filter by runs of keys, build instances.

Django would compile an INSERT for every few dozen rows, name each key in a query, and take several
times as long to make an instance through its model's constructor.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
NONE_TYPES = frozenset((type(None),))
PLAIN_TYPES = NONE_TYPES | {str, int, bool}


def bulk_insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence],
    ignore_conflicts: bool = False,
) -> None:
    """Insert rows of these columns and no others: a column left out gets no default here.

    With `ignore_conflicts`, rows that are there already are skipped.
    """
    encode = build_row_encoder(model, names)
    quote = connection.ops.quote_name
    columns = [quote(cast(str, _get_field(model, name).column)) for name in names]
    into = f"{quote(model._meta.db_table)} ({', '.join(columns)})"
    if values := list(map(encode, rows)):
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            if ignore_conflicts or connection.vendor == "sqlite":
                marks = ", ".join(["%s"] * len(columns))
                on_conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks}){on_conflict}", values)
            else:
                _copy(cursor, into, values)


def _get_field(model: type[models.Model], name: str) -> models.Field:
    return cast(models.Field, model._meta.get_field(name.removesuffix("_id")))


def _copy(cursor: CursorWrapper, into: str, values: Iterable[Sequence]) -> None:
    """Insert by PostgreSQL's COPY, the fastest way; its errors are raised as Django's."""
    with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def bulk_insert_models(rows: Sequence[models.Model], ignore_conflicts: bool = False) -> None:
    """Insert whole instances of one model.

    Those without a primary key get one from the database; it is not set on the instance.
    """
    if rows:
        has_keys = rows[0].pk is not None
        fields = [f for f in rows[0]._meta.concrete_fields if has_keys or not f.primary_key]
        names = [field.attname for field in fields]
        bulk_insert(type(rows[0]), names, map(attrgetter(*names), rows), ignore_conflicts)


def build_row_encoder(
    model: type[models.Model], names: Sequence[str]
) -> Callable[[Sequence], list]:
    """Return a function that converts values of these columns to what the database takes."""
    database = connections[connection.alias]
    encoders = [get_field_encoder(_get_field(model, name), database) for name in names]

    def encode(values: Sequence) -> list:
        return [
            value if type(value) in plain_types else prepare(value)
            for value, (plain_types, prepare) in zip(values, encoders, strict=True)
        ]

    return encode


def get_field_encoder(
    field: models.Field, database: BaseDatabaseWrapper
) -> tuple[frozenset[type], Callable]:
    """Return the types that a field stores unchanged, and a function that converts any other."""
    if isinstance(field, models.JSONField):  # where text is written with its quotes
        adapt = partial(database.ops.adapt_json_value, encoder=field.encoder)
        empty: dict[type, Any] = {dict: adapt({}), list: adapt([])}  # most are
        return (
            NONE_TYPES,
            lambda value: adapt(value) if value else empty.get(type(value)) or adapt(value),
        )
    return PLAIN_TYPES, partial(field.get_db_prep_save, connection=database)


def build_key_filter(keys: Sequence[int], owner: str = "") -> dict:
    """Return filter arguments for these sorted keys: a range where they have no gap.

    The keys of a long import have none.
    """
    path = f"{owner}__pk" if owner else "pk"
    if is_consecutive(keys):
        return {f"{path}__range": (keys[0], keys[-1])}
    return {f"{path}__in": keys}


def is_consecutive(keys: Sequence[int]) -> bool:
    return len(keys) > 2 and keys[-1] - keys[0] == len(keys) - 1


def assign_keys(rows: Sequence[models.Model]) -> None:
    """Set each instance's primary key before it is inserted: within a transaction that writes."""
    if rows:
        for row, key in zip(rows, _get_next_keys(rows[0]._meta.db_table, len(rows)), strict=True):
            row.pk = key


def _get_next_keys(table: str, count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # The transaction holds the only right to write; what is inserted moves the sequence.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            (last,) = cursor.fetchone() or (0,)
            return range(last + 1, last + count + 1)
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(sql, [table, count])
        return [key for (key,) in cursor.fetchall()]


class LoadedState(ModelState):
    """The state of an instance that was read from the database."""

    db, adding = DEFAULT_DB_ALIAS, False


def build_instances(
    model: type[Row], names: tuple[str, ...], rows: Iterable[tuple]
) -> Iterator[Row]:
    """Yield instances with these values, as `QuerySet.only()` would; other fields are deferred.

    The lists of names are checked against the models by `directory.checks`.
    """
    for values in rows:
        row = model.__new__(model)
        row.__dict__.update(zip(names, values, strict=True))
        row._state = LoadedState()
        yield row


class InstanceFactory:
    """Builds new instances of one model from the values given, else with the fields' defaults."""

    def __init__(self, model: type[models.Model]):
        fields = model._meta.concrete_fields
        self.model = model
        computed = {f for f in fields if f.has_default() and callable(f.default)}
        self.constants = {f.attname: f.get_default() for f in fields if f not in computed}
        self.functions = {f.attname: f.default for f in computed}

    def build(self, values: dict[str, Any]) -> Any:
        row = self.model.__new__(self.model)
        defaults = {name: function() for name, function in self.functions.items()}
        row.__dict__.update(self.constants | defaults | values)
        row._state = ModelState()
        return row
