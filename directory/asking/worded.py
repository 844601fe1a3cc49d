"""Questions worded once: a page asks the same each time, only of other rows.

To word a question takes Django longer than the database takes to answer it for fifty rows, and a
row that goes through its model's constructor is made several times slower.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import QuerySet
from django.db.models.base import ModelState

from directory.models.conditions import listed

Row = TypeVar("Row", bound=models.Model)


class Read(ModelState):
    """The state of a row that was read."""

    db, adding = DEFAULT_DB_ALIAS, False


class Worded:
    """What is asked with names, such as `"{keys}"`, where keys are to stand, and asked with keys.

    Names and keys are those of `Among`; the values come as the database gives them, so days as
    days, but moments without their zone.
    """

    def __init__(self, found: QuerySet, *wanted: str):
        self.sql, self.params = found.values_list(*wanted).query.sql_with_params()

    def rows(self, **keys: Iterable[int]) -> list[tuple]:
        given = {f"{{{name}}}": listed(some) for name, some in keys.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [given.get(param, param) for param in self.params])
            return cursor.fetchall()


def made(model: type[Row], names: tuple[str, ...], rows: Iterable[tuple]) -> Iterator[Row]:
    """The rows of a model with these of its values; what else is asked of one is read then."""
    for values in rows:
        row = model.__new__(model)
        row.__dict__.update(zip(names, values, strict=True))
        row._state = Read()
        yield row
