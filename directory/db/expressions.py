"""Conditions that Django does not word as a database answers them best."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

# True of every organization, and in no index: SQLite then walks them by their keys, in the order
# in which what belongs to them lies, instead of through an index that has all that is asked.
BY_KEY = Q(version__gte=0)


class Unlike(Func):
    """Whether a column holds another text than this one, in the words of a partial index.

    SQLite takes such an index only where the text stands in the statement itself.
    """

    output_field = BooleanField()

    def __init__(self, column: str | F, text: str = "") -> None:
        super().__init__(F(column) if isinstance(column, str) else column)
        self.template = f"NOT (%(expressions)s = '{text}')"


def listed(keys: Iterable[int]) -> str:
    """Keys as one parameter of `Among`."""
    form = "[{}]" if connection.vendor == "sqlite" else "{{{}}}"
    return form.format(",".join(map(str, keys)))


class Among(Func):
    """Whether a column holds one of these keys, which go as one parameter, and that as text.

    Where a text is given, it is that parameter, or stands for one that follows (`db/prepared.py`).
    Each of a list is looked at in Python; and PostgreSQL looks an array up in half of the time
    that it takes to join with its unnested rows.
    """

    arity = 2
    output_field = BooleanField()

    def __init__(self, name: str, keys: Iterable[int] | str) -> None:
        super().__init__(F(name), Value(keys if isinstance(keys, str) else listed(keys)))

    def as_sqlite(self, compiler, connection, **context):
        joined = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, None, "%(expressions)s))", joined, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "%(expressions)s::bigint[])"
        return self.as_sql(compiler, connection, None, template, " = ANY(", **context)
