"""Whole columns at one moment: the database gathers each into one text.

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
from django.db.models.functions import Collate

GATHERED = {"sqlite": "group_concat({})", "postgresql": "string_agg({}, ',')"}
MOMENT = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
# Characters of a gathered text that are taken apart at once.
SLICE = 100_000


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read within is as it was at one moment; nobody waits for it."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(MOMENT[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def columns(found: QuerySet, *wanted: str) -> list[Iterator[str]]:
    """Columns of what is found, or several of them in one, divided by spaces, as text."""
    names = [name for several in wanted for name in several.split()]
    query, params = found.values_list(*names).query.sql_with_params()
    cells = ", ".join(_gathered(several.split()) for several in wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {cells} FROM ({query}) AS found", params)
        return [_cells(text) for text in cursor.fetchone()]


def rows(found: QuerySet, *names: str) -> list[Sequence]:
    """The rows of what is found, in their order; days are text.

    SQLite tells them as one text of JSON: between two rows of its own another thread could come
    in, and each time keep it waiting. PostgreSQL has them all before the first is taken.
    """
    query, params = found.values_list(*names).query.sql_with_params()
    cells = ", ".join(_cell(found.model, name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {cells} FROM ({query}) AS found", params)
            return cursor.fetchall()
        whole = f"json_group_array(json_array({cells}))"
        cursor.execute(f"SELECT {whole} FROM ({query}) AS found", params)
        return json.loads(cursor.fetchone()[0])


def _cell(model: type[Model], name: str) -> str:
    column = connection.ops.quote_name(name)
    return (
        f"CAST({column} AS text)" if isinstance(model._meta.get_field(name), DateField) else column
    )


def _gathered(names: list[str]) -> str:
    cells = (f"coalesce(CAST({connection.ops.quote_name(n)} AS text), '')" for n in names)
    return GATHERED[connection.vendor].format(" || ' ' || ".join(cells))


def _cells(text: str | None) -> Iterator[str]:
    return chain.from_iterable(_slices(text)) if text is not None else iter(())


def _slices(text: str) -> Iterator[list[str]]:
    start = 0
    while start <= len(text):
        end = text.find(",", start + SLICE)
        end = len(text) if end < 0 else end
        yield text[start:end].split(",")
        start = end + 1


def numbers(cells: Iterable[str]) -> array:
    return array("I", map(int, cells))


def plainly(expression: str) -> Collate:
    """Compared character by character, so that both engines order alike."""
    return Collate(expression, "C" if connection.vendor == "postgresql" else "BINARY")
