"""Questions worded once: a page asks the same each time, only of other rows.

To word a question takes Django longer than the database takes to answer it for fifty rows.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from directory.db.expressions import listed


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
