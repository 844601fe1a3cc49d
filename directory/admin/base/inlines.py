"""Inline formsets and inlines: rows edited on the page of the row to which they belong."""

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import QueryDict

from directory.admin.base.model_admin import FormFieldsMixin
from directory.admin.base.unique_rows import UniqueRowsFormSet

MAX_NEW_ROWS = 200


class DirectoryFormSet(UniqueRowsFormSet):
    """An inline formset that tolerates concurrent edits.

    Posted rows that somebody deleted meanwhile are dropped; rows added meanwhile stay.
    """

    user = None  # who is editing, set by the admin
    data: QueryDict

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queryset = self.get_page_rows(self.queryset)
        self.deleted_row_texts: list[str] = []
        # A page posted with a made-up number of rows is not rendered with thousands of them.
        self.max_num = self.absolute_max = len(self.get_queryset()) + MAX_NEW_ROWS
        if self.is_bound:
            self.drop_deleted_rows()

    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            field = form.fields[DELETION_FIELD_NAME]
            field.widget.attrs["aria-label"] = field.label

    def get_page_rows(self, queryset: models.QuerySet) -> models.QuerySet:
        """The rows that the page shows, oldest first, so that new ones never move the others."""
        return queryset.order_by("pk")

    def drop_deleted_rows(self) -> None:
        """Remove posted rows that no longer exist; renumber those after them."""
        initial = self.get_management_count("INITIAL_FORMS")
        total = self.get_management_count("TOTAL_FORMS")
        if not 0 <= initial <= total <= self.absolute_max:
            return
        keys = {str(row.pk) for row in self.get_queryset()}
        deleted = [
            number
            for number in range(initial)
            if self.data.get(self.get_input_name(number, "id")) not in keys
        ]
        if deleted:
            self.deleted_row_texts = [self.describe_posted_row(number) for number in deleted]
            remaining = [number for number in range(total) if number not in deleted]
            self.renumber_posted_rows(remaining, total)
            self.data[f"{self.prefix}-INITIAL_FORMS"] = str(initial - len(deleted))
            self.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(remaining))

    def renumber_posted_rows(self, remaining: list[int], total: int) -> None:
        """Keep only the remaining posted rows, numbered from 0."""
        posted = {number: self.get_posted_values(number) for number in range(total)}
        for number, columns in posted.items():
            for column in columns:
                del self.data[self.get_input_name(number, column)]
        for number, old_number in enumerate(remaining):
            for column, values in posted[old_number].items():
                self.data.setlist(self.get_input_name(number, column), values)

    def get_management_count(self, name: str) -> int:
        """A count of the posted management form; -1 where it is not a number."""
        try:
            return int(self.data.get(f"{self.prefix}-{name}", ""))
        except ValueError:
            return -1

    def get_input_name(self, number: int, column: str) -> str:
        return f"{self.prefix}-{number}-{column}"

    def get_posted_values(self, number: int) -> dict[str, list[str]]:
        """The posted values of one row, by column."""
        start = self.get_input_name(number, "")
        return {
            key.removeprefix(start): values
            for key, values in self.data.lists()
            if key.startswith(start)
        }

    def describe_posted_row(self, number: int) -> str:
        """What was entered in a deleted row, as one text."""
        left_out = ("id", self.fk.name, "DELETE")
        columns = self.get_posted_values(number).items()
        return " · ".join(v[0] for name, v in columns if name not in left_out and any(v))

    def get_added_rows(self) -> list[models.Model]:
        """Rows that exist now and were not on the page that was posted."""
        shown = {form.instance.pk for form in self.initial_forms}
        return [row for row in self.get_queryset() if row.pk not in shown]

    def get_remaining_forms(self) -> list[forms.ModelForm]:
        """The forms whose rows will be saved: none deleted, empty or already refused."""
        forms = [form for form in self.forms if not self.is_removed(form)]
        return [form for form in forms if not self.is_refused(form)]


class DirectoryInline(FormFieldsMixin):
    """What all inlines have in common."""

    formset: type[forms.BaseInlineFormSet] = DirectoryFormSet
    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset


class TableInline(DirectoryInline, admin.TabularInline):
    """Rows of a table; fields are labelled for those who do not see the column headings."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs["aria-label"] = field.label
        return field


class CardInline(DirectoryInline, admin.StackedInline):
    """Rows below each other, collapsed."""

    classes = ("collapse",)
