"""Many rows at once: poured into a table by one statement, asked for as one run of keys, and made.

Django would make a statement anew for every few dozen rows, name each key in a question, and take
several times as long to make a row through its model's constructor.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
NOTHING = frozenset((type(None),))
PLAIN = NOTHING | {str, int, bool}


def pour(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence], known: bool = False
) -> None:
    """Insert rows of these columns, and nothing else: other columns get no default here.

    With `known`, those that are there already are passed over.
    """
    meta, store = model._meta, storing(model, names)
    columns = [meta.get_field(name.removesuffix("_id")).column for name in names]
    table, *columns = map(connection.ops.quote_name, (meta.db_table, *columns))
    into = f"{table} ({', '.join(columns)})"
    if values := list(map(store, rows)):
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            if known or connection.vendor == "sqlite":
                marks = ", ".join(["%s"] * len(columns))
                passing = " ON CONFLICT DO NOTHING" if known else ""
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks}){passing}", values)
            else:
                _copy(cursor, into, values)


def _copy(cursor, into: str, values: Iterable[Sequence]) -> None:
    """As PostgreSQL takes very many rows; its refusals are worded as Django's."""
    with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def pour_whole(rows: Sequence[models.Model], known: bool = False) -> None:
    """Insert whole rows of one model; those without a number get one that nobody is told."""
    if rows:
        numbered = rows[0].pk is not None
        fields = [f for f in rows[0]._meta.concrete_fields if numbered or not f.primary_key]
        names = [field.attname for field in fields]
        pour(type(rows[0]), names, map(attrgetter(*names), rows), known)


def storing(model: type[models.Model], names: Sequence[str]) -> Callable[[Sequence], list]:
    """How the database is given the values of these columns."""
    database = connections[connection.alias]
    ways = [way(model._meta.get_field(name.removesuffix("_id")), database) for name in names]

    def store(values: Sequence) -> list:
        return [
            value if type(value) in plain else prepared(value)
            for value, (plain, prepared) in zip(values, ways, strict=True)
        ]

    return store


def way(field: models.Field, database: BaseDatabaseWrapper) -> tuple[frozenset, Callable]:
    """The types that a field takes as they are, and what makes of any other what it takes."""
    if isinstance(field, models.JSONField):  # where text is written with its quotes
        adapt = partial(database.ops.adapt_json_value, encoder=field.encoder)
        empty = {dict: adapt({}), list: adapt([])}  # most are
        return (
            NOTHING,
            lambda value: adapt(value) if value else empty.get(type(value)) or adapt(value),
        )
    return PLAIN, partial(field.get_db_prep_save, connection=database)


def keyed(keys: Sequence[int], owner: str = "") -> dict:
    """The question for these sorted keys; a long import's follow each other without a gap."""
    path = f"{owner}__pk" if owner else "pk"
    if is_run(keys):
        return {f"{path}__range": (keys[0], keys[-1])}
    return {f"{path}__in": keys}


def is_run(keys: Sequence[int]) -> bool:
    return len(keys) > 2 and keys[-1] - keys[0] == len(keys) - 1


def number(rows: Sequence[models.Model]) -> None:
    """Give each row the number that it will have: within a transaction that writes."""
    if rows:
        for row, key in zip(rows, _numbers(rows[0]._meta.db_table, len(rows)), strict=True):
            row.pk = key


def _numbers(table: str, count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # The transaction holds the only right to write; what is inserted moves the sequence.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            (last,) = cursor.fetchone() or (0,)
            return range(last + 1, last + count + 1)
        asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(asked, [table, count])
        return [key for (key,) in cursor.fetchall()]


class Read(ModelState):
    """The state of a row that was read."""

    db, adding = DEFAULT_DB_ALIAS, False


def made(model: type[Row], names: tuple[str, ...], rows: Iterable[tuple]) -> Iterator[Row]:
    """The rows of a model with these of its values; what else is asked of one is read then."""
    for values in rows:
        row = model.__new__(model)
        row.__dict__.update(zip(names, values, strict=True))
        row._state = Read()
        yield row


class Blank:
    """New rows of one model, with what is given of each and else as the model has it."""

    def __init__(self, model: type[models.Model]):
        fields = model._meta.concrete_fields
        self.model = model
        made = {f for f in fields if f.has_default() and callable(f.default)}
        self.same = {f.attname: f.get_default() for f in fields if f not in made}
        self.anew = {f.attname: f.default for f in made}

    def row(self, values: dict) -> models.Model:
        row = self.model.__new__(self.model)
        anew = {name: default() for name, default in self.anew.items()}
        row.__dict__.update(self.same | anew | values)
        row._state = ModelState()
        return row
