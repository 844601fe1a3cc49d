"""Query expressions that make a database use its best plan, where Django's own would not."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

# True of every organization, and in no index: SQLite then scans them by primary key, the order in
# which their related rows are stored, instead of through an index that covers the query.
SCAN_BY_KEY = Q(version__gte=0)


class NotEqualTo(Func):
    """Whether a column differs from this text, as the condition of a partial index has it.

    SQLite uses such an index only where the text stands in the statement itself.
    """

    output_field = BooleanField()

    def __init__(self, column: str | F, text: str = "") -> None:
        super().__init__(F(column) if isinstance(column, str) else column)
        self.template = f"NOT (%(expressions)s = '{text}')"


def format_keys(keys: Iterable[int]) -> str:
    """Return keys as the one text parameter of `InKeys`."""
    form = "[{}]" if connection.vendor == "sqlite" else "{{{}}}"
    return form.format(",".join(map(str, keys)))


class InKeys(Func):
    """Whether a column holds one of these keys, which are passed as one text parameter.

    A text in place of keys is that parameter, or a placeholder for it (`db/prepared.py`). Django
    handles each key of a list in Python; and PostgreSQL looks an array up in half of the time that
    it takes to join with its unnested rows.
    """

    arity = 2
    output_field = BooleanField()

    def __init__(self, name: str, keys: Iterable[int] | str) -> None:
        super().__init__(F(name), Value(keys if isinstance(keys, str) else format_keys(keys)))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        joined = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, None, "%(expressions)s))", joined, **context)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        template = "%(expressions)s::bigint[])"
        return self.as_sql(compiler, connection, None, template, " = ANY(", **context)
