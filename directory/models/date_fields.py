"""Model and form fields of dates: of partial dates (day, month or year) and of exact days.

A partial date has two columns: the day, and beside it its precision (`PrecisionField`).
"""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.partial_dates import (
    FIRST_YEAR,
    LAST_YEAR,
    PartialDate,
    Precision,
    UnclearDate,
    parse_day,
    parse_partial_date,
)

PRECISIONS = (
    (Precision.DAY.value, gettext_lazy("day")),
    (Precision.MONTH.value, gettext_lazy("month")),
    (Precision.YEAR.value, gettext_lazy("year")),
)


def get_date_refusal(error: UnclearDate, text: str) -> str:
    """Return the sentence that says what is wrong with a date and what to do."""
    value = text.strip()[:60]
    if error.code == "range":
        return _("“%(value)s”: the year must lie between %(first)d and %(last)d.") % {
            "value": value,
            "first": FIRST_YEAR,
            "last": LAST_YEAR,
        }
    if error.code == "ambiguous":
        one, other = error.meanings
        return _("“%(value)s” could be %(one)s or %(other)s: write one of these.") % {
            "value": value,
            "one": one,
            "other": other,
        }
    if error.code == "impossible":
        return _("There is no such day as “%(value)s”.") % {"value": value}
    if error.code == "precision":
        return _("“%(value)s” is no exact day: write it as 2023-11-13.") % {"value": value}
    return _("“%(value)s” is no date that is understood: write it as 2023-11-13.") % {
        "value": value
    }


class DayFormField(forms.DateField):
    """An exact day of 1900 to 2100, in any unambiguous spelling."""

    def to_python(self, value: Any) -> date | None:
        return self._parse(value, parse_day)

    def _parse(self, value: Any, parse: Any) -> Any:
        if value in self.empty_values or isinstance(value, date | PartialDate):
            return value or None
        try:
            return parse(str(value))
        except UnclearDate as error:
            raise ValidationError(get_date_refusal(error, str(value)), "invalid") from error


class PartialDateFormField(DayFormField):
    """A day, month or year of 1900 to 2100, in any unambiguous spelling; a PartialDate."""

    def to_python(self, value: Any) -> PartialDate | None:  # type: ignore[override]
        return self._parse(value, parse_partial_date)

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, PartialDate) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class DayField(models.DateField):
    """A model field of an exact day whose form takes every unambiguous spelling."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": DayFormField, **kwargs})

    def deconstruct(self) -> Any:
        """As a plain date: migrations need no more."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs


class PrecisionField(models.CharField):
    """How exactly the date is known whose column it stands beside."""

    def __init__(self, *args: Any, **kwargs: Any):
        defaults = {"max_length": 5, "choices": PRECISIONS, "default": Precision.DAY.value}
        super().__init__(*args, **{**defaults, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        """As a text without choices, so that their labels make no migration."""
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs


class PartialDateField(DayField):
    """The column of a date that may be known only to the month or the year.

    It holds the first day of the period; `is_end`: the first day after it (an exact day itself).
    The model has a `PrecisionField` of the same name with `_precision` behind it. Forms show and
    take both as one `PartialDate`.
    """

    def __init__(self, *args: Any, is_end: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.is_end = is_end

    @property
    def precision_name(self) -> str:
        return f"{self.name}_precision"

    def build_value(self, day: date | None, precision: str) -> PartialDate | None:
        """Return the date that these two columns hold."""
        if day is None:
            return None
        build = PartialDate.from_end if self.is_end else PartialDate.from_first_day
        return build(day, precision)

    def get_columns(self, value: PartialDate | None) -> dict[str, Any]:
        """Return the values of the two columns, by name."""
        if value is None:
            return {self.name: None, self.precision_name: Precision.DAY.value}
        day = value.end if self.is_end else value.day
        return {self.name: day, self.precision_name: value.precision.value}

    def value_from_object(self, obj: models.Model) -> Any:
        """Return the PartialDate of a row, or None."""
        return self.build_value(getattr(obj, self.attname), getattr(obj, self.precision_name))

    def value_to_string(self, obj: models.Model) -> str:
        """Return the day, for serializers, which write the precision beside it."""
        day = getattr(obj, self.attname)
        return day.isoformat() if day else ""

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        for name, value in self.get_columns(data).items():
            setattr(instance, name, value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})


def get_partial_date(row: models.Model, name: str) -> PartialDate | None:
    """Return the date that a row has in the PartialDateField of this name."""
    return cast(PartialDateField, row._meta.get_field(name)).value_from_object(row)


def get_date_columns(model: type[models.Model], name: str, value: PartialDate | None) -> dict:
    """Return the values of both columns of the PartialDateField of this name, by column."""
    return cast(PartialDateField, model._meta.get_field(name)).get_columns(value)


def get_partial_date_fields(model: type[models.Model]) -> list[PartialDateField]:
    """Return the fields of partial dates of a model."""
    return [f for f in model._meta.concrete_fields if isinstance(f, PartialDateField)]


def build_precision_constraint(model_name: str, name: str) -> CheckConstraint:
    """Build the constraint that a day fits its precision: the first of a month, or of a year."""
    precision = f"{name}_precision"
    first_of_month = Q(**{f"{name}__isnull": False, f"{name}__day": 1})
    condition = (
        Q(**{precision: Precision.DAY.value})
        | Q(**{precision: Precision.MONTH.value}) & first_of_month
        | Q(**{precision: Precision.YEAR.value}) & first_of_month & Q(**{f"{name}__month": 1})
    )
    return CheckConstraint(
        condition=condition,
        name=f"{model_name}_{name}_precise",
        violation_error_message=gettext_lazy("This day does not fit its precision."),
    )
