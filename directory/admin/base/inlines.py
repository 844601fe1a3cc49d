"""Rows that are entered on the page of what they belong to."""

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME

from directory.admin.base.model_admin import Relations

MOST_ADDED = 200


class DeskFormSet(forms.BaseInlineFormSet):
    """Stands a colleague's work meanwhile: what was deleted is left out, what was added stays."""

    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queryset = self.rows(self.queryset)
        self.gone: list[str] = []
        # A page that is sent with a made-up number of rows is not drawn with thousands of them.
        self.max_num = self.absolute_max = len(self.get_queryset()) + MOST_ADDED
        if self.is_bound:
            self.leave_out_the_gone()

    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            field = form.fields[DELETION_FIELD_NAME]
            field.widget.attrs["aria-label"] = field.label

    def rows(self, queryset: models.QuerySet) -> models.QuerySet:
        """The rows that the page shows, oldest first: so new ones never move the others."""
        return queryset.order_by("pk")

    def leave_out_the_gone(self) -> None:
        """Drop posted rows that are no longer there; those after them move up."""
        initial, total = (self.counted(name) for name in ("INITIAL_FORMS", "TOTAL_FORMS"))
        if not 0 <= initial <= total <= self.absolute_max:
            return
        there = {str(row.pk) for row in self.get_queryset()}
        gone = [n for n in range(initial) if self.data.get(self.name(n, "id")) not in there]
        if not gone:
            return
        self.gone = [self.words(n) for n in gone]
        kept = [n for n in range(total) if n not in gone]
        posted = {n: self.posted(n) for n in range(total)}
        for number in range(total):
            for column in posted[number]:
                del self.data[self.name(number, column)]
        for number, before in enumerate(kept):
            for column, values in posted[before].items():
                self.data.setlist(self.name(number, column), values)
        self.data[f"{self.prefix}-INITIAL_FORMS"] = str(initial - len(gone))
        self.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(kept))

    def counted(self, name: str) -> int:
        try:
            return int(self.data.get(f"{self.prefix}-{name}", ""))
        except ValueError:
            return -1

    def name(self, number: int, column: str) -> str:
        return f"{self.prefix}-{number}-{column}"

    def posted(self, number: int) -> dict[str, list[str]]:
        start = self.name(number, "")
        return {
            key.removeprefix(start): values
            for key, values in self.data.lists()
            if key.startswith(start)
        }

    def words(self, number: int) -> str:
        """What was entered in a row that is gone, for the eye."""
        left_out = ("id", self.fk.name, "DELETE")
        columns = self.posted(number).items()
        return " · ".join(v[0] for name, v in columns if name not in left_out and any(v))

    def added(self) -> list[models.Model]:
        """Rows that are there now and were not on the page that was sent."""
        shown = {form.instance.pk for form in self.initial_forms}
        return [row for row in self.get_queryset() if row.pk not in shown]

    def going(self, form: forms.ModelForm) -> bool:
        """Whether the row is to be deleted, or is an empty line."""
        empty = form.instance.pk is None and not form.has_changed()
        return empty or bool(self.can_delete and self._should_delete_form(form))

    def standing(self) -> list[forms.ModelForm]:
        """The rows as they will be: none that is deleted, empty or already refused."""
        return [form for form in self.forms if not self.going(form) and not form.errors]


class DeskInline(Relations):
    formset = DeskFormSet
    extra = 0


class TableInline(DeskInline, admin.TabularInline):
    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Named for those who do not see the heads of the columns."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs["aria-label"] = field.label
        return field


class CardInline(DeskInline, admin.StackedInline):
    classes = ("collapse",)
