"""Edit conflicts: detects that a row was saved meanwhile, and lists what differs."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django import forms
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.history import recorder
from directory.models import Citation, Organization, RowChange
from directory.text.language import list_separator

CONFLICT_MESSAGE = gettext_lazy(
    "Somebody saved this while you were editing it, so yours was not saved. Below, each "
    "difference: what you entered, and what is recorded now. Saving again keeps yours."
)


@dataclass(frozen=True)
class FieldDifference:
    """A field whose entered value differs from the recorded one, both as text."""

    label: str
    yours: str
    current: str
    is_deleted: bool = False  # the row is not on the page any more: this is all that is left of it


def get_lock_row(row: models.Model) -> models.Model:
    """The row to lock so that nobody else writes this one: its owner, or itself."""
    if isinstance(row, Citation):
        row = row.alias or row.membership or row.community or row
    return getattr(row, "organization", None) or row


def lock_row(row: models.Model) -> None:
    """Lock the row until the transaction ends, and refresh its values from the database."""
    locked = get_lock_row(row)
    type(locked)._base_manager.select_for_update().get(pk=locked.pk)
    row.refresh_from_db()


def build_version_token(row: models.Model, related: Iterable[models.Model] = ()) -> str:
    """A token of the values of a row and its related rows: it differs once they are saved."""
    if isinstance(row, Organization):
        return str(row.version)
    values = [
        [str(getattr(each, column.attname)) for column in each._meta.concrete_fields]
        for each in (row, *related)
    ]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:24]


def describe_last_change(row: models.Model) -> str:
    """By whom, when and from where the row was last changed, as a sentence; "" if unknown."""
    keys = snapshots.get_owner_keys(row)
    changes = (
        recorder.get_row_changes(keys)
        if keys
        else RowChange.objects.filter(
            organization=None, noun=snapshots.get_model_name(row), key=str(row.pk)
        ).order_by("-pk")
    )
    change = changes.select_related("revision").first()
    if change is None:
        return ""
    return _("Last changed by %(user)s, %(time)s, by %(via)s.") % {
        "user": change.revision.who_name or _("no account"),
        "time": date_format(localtime(change.revision.at), "DATETIME_FORMAT"),
        "via": change.revision.get_via_display(),
    }


def list_differences(form: forms.ModelForm, formsets: Iterable) -> list[FieldDifference]:
    """Every difference between what was entered and what is recorded now."""
    differences = list(_list_form_differences(form))
    for formset in formsets:
        name = str(formset.model._meta.verbose_name)
        for number, row_form in enumerate(formset.initial_forms, 1):
            differences += _list_form_differences(row_form, f"{name} {number} · ")
        for text in formset.deleted_row_texts:
            differences.append(FieldDifference(name, text, _("deleted meanwhile"), True))
        for row in formset.get_added_rows():
            differences.append(FieldDifference(name, "—", _("added: %s") % row))
    return differences


def _list_form_differences(form: forms.ModelForm, prefix: str = "") -> Iterator[FieldDifference]:
    for name in form.changed_data:
        field = form.fields[name]
        if not field.widget.is_hidden and not getattr(field, "is_question", False):
            yours = getattr(form, "cleaned_data", {}).get(name, form[name].value())
            current = form.initial.get(name)
            label = prefix + str(field.label or name)
            yield FieldDifference(label, format_value(field, yours), format_value(field, current))


def format_value(field: forms.Field, value: object) -> str:
    """A form field's value as text, choices by their labels."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return "—"
    if isinstance(value, list | tuple | models.QuerySet):
        return list_separator().join(format_value(field, each) for each in value)
    if isinstance(field, forms.ModelChoiceField):
        return _format_model_choice(field, value)
    if isinstance(field, forms.ChoiceField):
        labels = _flatten_choices(cast(Iterable, field.choices))
        return labels.get(str(value), str(value))
    return str(value)


def _format_model_choice(field: forms.ModelChoiceField, value: object) -> str:
    rows = cast(models.QuerySet, field.queryset)
    row = value if isinstance(value, models.Model) else rows.filter(pk=value).first()
    return field.label_from_instance(row) if row else str(value)


def _flatten_choices(choices: Iterable) -> dict[str, str]:
    """The labels of choices by value, including those in groups."""
    labels: dict[str, str] = {}
    for value, label in choices:
        is_group = isinstance(label, list | tuple)
        labels |= _flatten_choices(label) if is_group else {str(value): str(label)}
    return labels
