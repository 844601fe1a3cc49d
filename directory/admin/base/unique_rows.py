"""Uniqueness of the rows of one page, judged by what will be stored after all are saved.

Django compares the rows of a formset only with each other, and by unconditional constraints only;
an error is shown above the rows instead of at one of them.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import models

from directory.db.unique_keys import UniqueKey, get_unique_keys


class UniqueRowsFormSet(forms.BaseInlineFormSet):
    """An inline formset whose rows are checked against what will be stored after all are saved."""

    model: type[models.Model]
    # The form field at which a violation is shown, by constraint; else the last one of its columns.
    unique_error_fields: dict[str, str] = {}

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # missing in the stubs
        # The form alone would compare the row with others that this page deletes or changes.
        form.validate_unique = lambda: None
        return form

    def validate_unique(self) -> None:
        """Add an error to each changed row that would have the key of another one."""
        unchanged: list[forms.ModelForm] = []
        changed: list[forms.ModelForm] = []
        for form in self.forms:
            if not self.is_removed(form) and not self.is_refused(form):
                (changed if form.has_changed() else unchanged).append(form)
        for key in get_unique_keys(self.model):
            # An unchanged row may stay as it is, whatever the faults of the others.
            seen = [form.instance for form in unchanged]
            for form in changed:
                if not self.is_refused(form) and self._find_equal_row(key, form.instance, seen):
                    form.add_error(self._get_error_field(key, form), self.get_key_message(key))
                seen.append(form.instance)

    def _find_equal_row(self, key: UniqueKey, row: Any, seen: list) -> bool:
        """Whether one of these rows, or one that is not on the page, has the row's key too."""
        others = (*seen, *self._iter_rows_elsewhere(key, row))
        equal = [other for other in others if key.get_values(other) == key.get_values(row)]
        if not equal or self._has_blank(key, row):
            return False
        return key.applies_to(row) and any(map(key.applies_to, equal))

    def _iter_rows_elsewhere(self, key: UniqueKey, row: Any) -> Iterator[Any]:
        values = dict(
            zip((column.attname for column in key.columns), key.get_values(row), strict=True)
        )
        if None in values.values():
            return iter(())
        on_page = [form.instance.pk for form in self.initial_forms]
        rows = self.model._base_manager.filter(**values).exclude(pk__in=on_page)
        return rows.iterator()

    def _has_blank(self, key: UniqueKey, row: Any) -> bool:
        """Whether the row has no value in a column, which is never equal to another one."""
        columns = [column for column in key.columns if column != self.fk]
        return any(getattr(row, column.attname) is None for column in columns)

    def _get_error_field(self, key: UniqueKey, form: forms.ModelForm) -> str | None:
        names = [column.name for column in key.columns if column != self.fk]
        names.append(self.unique_error_fields.get(key.name, ""))
        return next((name for name in reversed(names) if name in form.fields), None)

    def get_key_message(self, key: UniqueKey) -> str:
        """What is wrong with a second row of the same key, in the words of its constraint."""
        if key.message:
            return str(key.message)
        names = [column.name for column in key.columns]
        return str(self.get_unique_error_message(names))

    def is_refused(self, form: forms.ModelForm) -> bool:
        """Whether a value of the row is invalid; an open question about a citation is none."""
        return not form.errors.keys() <= {*getattr(form, "question_names", ())}

    def is_removed(self, form: forms.ModelForm) -> bool:
        """Whether the row is to be deleted, or is an empty line."""
        _ = form.errors  # cleans the form, where another formset asks before this one is validated
        empty = form.instance.pk is None and not form.has_changed()
        return empty or bool(self.can_delete and self._should_delete_form(form))  # type: ignore[attr-defined]  # missing in the stubs
