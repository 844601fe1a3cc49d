"""DataVersion: a number that is incremented by every change that is visible to visitors."""

from typing import Any, cast

from django.db import InterfaceError, OperationalError, connection, models
from django.db.models import F


class DataVersion(models.Model):
    """A single row; its number is the key of everything that is cached about the data."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="dataversion_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def get_current(cls) -> int:
        """Return the current number; reconnects if the connection broke since it was last used.

        It is the first query of a request, so it also serves as the health check of the
        connection, for which Django would run a query of its own. Within a transaction the
        connection has been checked before.
        """
        wrapper = cast(Any, connection)  # django-stubs does not know these attributes
        if wrapper.connection and wrapper.health_check_enabled and not wrapper.health_check_done:
            wrapper.health_check_done = True
            try:
                return cls._read_number()
            except (InterfaceError, OperationalError):
                connection.close()
        return cls._read_number()

    @classmethod
    def _read_number(cls) -> int:
        # Part of every request: building a QuerySet would cost more than the query.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT number FROM {cls._meta.db_table} WHERE id = 1")
            row = cursor.fetchone()
        return row[0] if row else 0

    @classmethod
    def increment(cls) -> int:
        """Increment and return the number; the row is locked until the transaction ends."""
        if not cls.objects.filter(id=1).update(number=F("number") + 1):
            cls.objects.create(id=1, number=1)
        return cls.get_current()
