"""The data version: a number that grows with every change that a reader could see."""

from django.db import InterfaceError, OperationalError, connection, models
from django.db.models import F


class DataVersion(models.Model):
    """One row. Everything that is remembered about the data is remembered under its number."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="dataversion_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def now(cls) -> int:
        """The number as it stands; a connection that broke since it was last used is made anew.

        It is what a request asks first, so it is the check of the connection's health as well,
        for which Django would ask a question of its own. A transaction has been checked before.
        """
        checks = connection.connection and connection.health_check_enabled
        if checks and not connection.health_check_done:
            connection.health_check_done = True
            try:
                return cls._number()
            except (InterfaceError, OperationalError):
                connection.close()
        return cls._number()

    @classmethod
    def _number(cls) -> int:
        # Asked with every request: a query set made for it would cost more than the answer.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT number FROM {cls._meta.db_table} WHERE id = 1")
            row = cursor.fetchone()
        return row[0] if row else 0

    @classmethod
    def grow(cls) -> int:
        """The new number; until the transaction ends, nobody else makes another."""
        if not cls.objects.filter(id=1).update(number=F("number") + 1):
            cls.objects.create(id=1, number=1)
        return cls.now()
