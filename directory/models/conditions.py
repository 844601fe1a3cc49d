"""Conditions that Django does not word as a database answers them best."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, F, Func, Value


class Unlike(Func):
    """Whether a column holds another text than this one, in the words of a partial index.

    SQLite takes such an index only where the text stands in the statement itself.
    """

    output_field = BooleanField()

    def __init__(self, column: str | F, text: str = "") -> None:
        super().__init__(F(column) if isinstance(column, str) else column)
        self.template = f"NOT (%(expressions)s = '{text}')"


class Among(Func):
    """Whether a column holds one of these keys, which go as one parameter, and that as text.

    Each of a list is looked at in Python; and PostgreSQL looks an array up in half of the time
    that it takes to join with its unnested rows.
    """

    arity = 2
    output_field = BooleanField()

    def __init__(self, name: str, keys: Iterable[int]) -> None:
        listed = "[{}]" if connection.vendor == "sqlite" else "{{{}}}"
        super().__init__(F(name), Value(listed.format(",".join(map(str, keys)))))

    def as_sqlite(self, compiler, connection, **context):
        joined = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, None, "%(expressions)s))", joined, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "%(expressions)s::bigint[])"
        return self.as_sql(compiler, connection, None, template, " = ANY(", **context)
