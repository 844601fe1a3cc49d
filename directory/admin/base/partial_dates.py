"""Show partial dates in lists and to accounts that may only view, as precisely as they are known.

Django would show the stored day: 1 November where only the month is known.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models

from directory.models.date_fields import PartialDateField, get_partial_date_fields

PREFIX = "shown_"


class PartialDateDisplayMixin:
    """Of a model admin or inline: a display method `shown_<name>` for each partial date."""

    model: type[models.Model]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.date_columns: dict[str, str] = {}
        for field in get_partial_date_fields(self.model):
            self.date_columns[field.name] = PREFIX + field.name
            setattr(self, PREFIX + field.name, build_display(field))

    def get_list_display(self, request):
        names = super().get_list_display(request)
        return [self.date_columns.get(name, name) for name in names]

    def get_fieldsets(self, request, obj=None):
        """The fieldsets; for who may not change the row with the display methods."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self.replace_dates(n) for n in options["fields"]]})
            for title, options in fieldsets
        ]

    def replace_dates(self, name: Any) -> Any:
        """A field's name, or several of one line, with the display methods of dates."""
        if isinstance(name, str):
            return self.date_columns.get(name, name)
        return tuple(map(self.replace_dates, name))

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        if self.has_change_permission(request, obj):
            return fields
        return (*fields, *self.date_columns.values())


def build_display(field: PartialDateField) -> Callable[[models.Model], str | None]:
    """Build the display method of a partial date."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def display(row: models.Model) -> str | None:
        value = field.value_from_object(row)
        return str(value) if value else None

    return display
