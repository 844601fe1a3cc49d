"""What templates show of an unsaved form: each field that was filled in, with its label."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst

from directory.admin.base import unsaved_forms
from directory.admin.base.unsaved_forms import UnsavedForm


@dataclass(frozen=True)
class TypedValue:
    """A field of an unsaved form, with its label and what was entered."""

    label: str
    text: str

    @property
    def rows(self) -> int:
        """The height of a text area that holds it."""
        return min(2 + self.text.count("\n") + len(self.text) // 60, 12)


@dataclass(frozen=True)
class UnsavedContext:
    """What templates show of an unsaved form."""

    form: UnsavedForm
    values: list[TypedValue]

    @property
    def is_too_long(self) -> bool:
        return not self.form.token

    @property
    def is_kept(self) -> bool:
        """Whether there is anything that is shown again after signing in."""
        return bool(self.form.token and (self.values or self.form.can_be_shown_again))


def build_context(form: UnsavedForm | None) -> UnsavedContext | None:
    if form is None:
        return None
    labels = FieldLabels(form)
    values = [
        labels.describe(name, value)
        for name, values in form.typed_fields
        for value in values
        if value
    ]
    return UnsavedContext(form, values)


class FieldLabels:
    """The labels of the fields of a form, where its address is that of a model's admin."""

    def __init__(self, form: UnsavedForm):
        match = unsaved_forms.resolve_admin(form.address)
        model_admin = getattr(match and match.func, "model_admin", None)
        self.model = model_admin.model if model_admin else None

    def describe(self, name: str, value: str) -> TypedValue:
        """“Alias 2 · Name” for `aliases-1-name`, with a choice by its label."""
        prefix, number, column = (*name.split("-", 2), "", "")[:3]
        if not (self.model and number.isdecimal() and len(number) < 5 and column):
            return describe_field(find_field(self.model, name), name, value)
        related = find_field(self.model, prefix)
        model = related.related_model if related else None
        typed = describe_field(find_field(model, column), column, value)
        title = capfirst(str(model._meta.verbose_name) if model else prefix)
        return TypedValue(f"{title} {int(number) + 1} · {typed.label}", typed.text)


def find_field(model: type[models.Model] | None, name: str) -> Any:
    """The field of this name, or the relation with this accessor: the prefix of a formset."""
    for field in model._meta.get_fields() if model else ():
        accessor = field.get_accessor_name() if hasattr(field, "get_accessor_name") else None
        if name in (field.name, accessor):
            return field
    return None


def describe_field(field: Any, name: str, value: str) -> TypedValue:
    label = getattr(field, "verbose_name", "") or name.replace("_", " ")
    choices = dict(getattr(field, "flatchoices", ()))
    return TypedValue(str(capfirst(label)), str(choices.get(value, value)))
