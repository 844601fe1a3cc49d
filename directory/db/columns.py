"""Read whole columns or rows at once: the database aggregates each into one text.

A million rows come so several times faster than one by one, and while the database works, other
threads do too.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from django.db import connection
from django.db.models import DateField, Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate

AGGREGATES = {"sqlite": "group_concat({})", "postgresql": "string_agg({}, ',')"}
BEGIN_SNAPSHOT = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
# Characters of an aggregated text that are split at once.
SLICE_LENGTH = 100_000


@contextmanager
def consistent_read() -> Iterator[None]:
    """Read everything within from one snapshot of the database, without blocking writers."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_SNAPSHOT[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def read_columns(queryset: QuerySet, *columns: str) -> list[Iterator[str]]:
    """Return each column as an iterator of text.

    A column may name several fields, divided by spaces: their values are joined by spaces.
    """
    names = [name for column in columns for name in column.split()]
    query, params = queryset.values_list(*names).query.sql_with_params()
    cells = ", ".join(_build_aggregate_sql(column.split()) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {cells} FROM ({query}) AS found", params)
        return [_split_cells(text) for text in cursor.fetchone()]


def read_rows(queryset: QuerySet, *names: str) -> list[Sequence]:
    """Return the rows in their order; dates are text.

    SQLite returns them as one text of JSON: between two rows of its own another thread could come
    in, and each time keep it waiting. PostgreSQL has them all before the first is taken.
    """
    query, params = queryset.values_list(*names).query.sql_with_params()
    cells = ", ".join(_build_cell_sql(queryset.model, name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {cells} FROM ({query}) AS found", params)
            return cursor.fetchall()
        aggregate = f"json_group_array(json_array({cells}))"
        cursor.execute(f"SELECT {aggregate} FROM ({query}) AS found", params)
        return json.loads(cursor.fetchone()[0])


def _build_cell_sql(model: type[Model], name: str) -> str:
    column = connection.ops.quote_name(name)
    return (
        f"CAST({column} AS text)" if isinstance(model._meta.get_field(name), DateField) else column
    )


def _build_aggregate_sql(names: list[str]) -> str:
    cells = (f"coalesce(CAST({connection.ops.quote_name(n)} AS text), '')" for n in names)
    return AGGREGATES[connection.vendor].format(" || ' ' || ".join(cells))


def _split_cells(text: str | None) -> Iterator[str]:
    return chain.from_iterable(_split_slices(text)) if text is not None else iter(())


def _split_slices(text: str) -> Iterator[list[str]]:
    start = 0
    while start <= len(text):
        end = text.find(",", start + SLICE_LENGTH)
        end = len(text) if end < 0 else end
        yield text[start:end].split(",")
        start = end + 1


def to_key_array(cells: Iterable[str]) -> array:
    return array("I", map(int, cells))


def collate_binary(expression: str | Combinable) -> Collate:
    """Collate by code points, so that both engines sort alike."""
    collation = "C" if connection.vendor == "postgresql" else "BINARY"
    return Collate(expression, collation)
