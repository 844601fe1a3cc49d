"""Queries compiled once and run many times with other keys.

Compiling a query takes Django longer than the database takes to answer it for fifty rows.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from directory.db.expressions import format_keys


class PreparedQuery:
    """A query compiled with placeholders, such as `"{keys}"`, in place of the keys of `InKeys`.

    The values of its rows come as the database gives them: dates as dates, but datetimes without
    their time zone.
    """

    def __init__(self, queryset: QuerySet, *columns: str):
        self.sql, self.params = queryset.values_list(*columns).query.sql_with_params()

    def fetch(self, **keys: Iterable[int]) -> list[tuple]:
        """Run the query with these keys in place of the placeholders; return its rows."""
        values = {f"{{{name}}}": format_keys(each) for name, each in keys.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values.get(param, param) for param in self.params])
            return cursor.fetchall()
