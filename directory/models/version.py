"""The data version: a number that grows with every change that a reader could see."""

from django.db import models
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
        return cls.objects.filter(id=1).values_list("number", flat=True).first() or 0

    @classmethod
    def grow(cls) -> int:
        """The new number; until the transaction ends, nobody else makes another."""
        if not cls.objects.filter(id=1).update(number=F("number") + 1):
            cls.objects.create(id=1, number=1)
        return cls.now()
