"""Two editors at once: the later one is shown what the earlier one saved, and decides."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.history import recorder
from directory.models import Citation, Organization, RowChange

STALE = gettext_lazy(
    "Somebody saved this while you were editing it, so yours was not saved. Below, each "
    "difference: what you entered, and what is recorded now. Saving again keeps yours."
)


@dataclass(frozen=True)
class Difference:
    label: str
    yours: str
    now: str


def owner(row: models.Model) -> models.Model:
    """The row whose lock keeps everybody else from writing this one."""
    if isinstance(row, Citation):
        row = row.alias or row.membership or row.community or row
    return getattr(row, "organization", None) or row


def lock(row: models.Model) -> None:
    """Hold the row until the transaction ends, and read what it says now."""
    held = owner(row)
    type(held)._base_manager.select_for_update().get(pk=held.pk)
    row.refresh_from_db()


def token(row: models.Model, beside: Iterable[models.Model] = ()) -> str:
    """What an editor has seen of a row: another token means that it was saved since."""
    if isinstance(row, Organization):
        return str(row.version)
    seen = [
        [str(getattr(each, column.attname)) for column in each._meta.concrete_fields]
        for each in (row, *beside)
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:24]


def last_saved(row: models.Model) -> str:
    """By whom, when and from where the row was last changed, as a sentence."""
    keys = recorder.owners(row)
    changes = (
        recorder.of(keys)
        if keys
        else RowChange.objects.filter(
            organization=None, noun=snapshots.noun_of(row), key=str(row.pk)
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


def differences(form: forms.ModelForm, formsets: Iterable) -> list[Difference]:
    """Everything in which the entry at hand differs from what is recorded now."""
    found = list(_of_form(form))
    for formset in formsets:
        noun = str(formset.model._meta.verbose_name)
        for number, each in enumerate(formset.initial_forms, 1):
            found += _of_form(each, f"{noun} {number} · ")
        found += [Difference(noun, words, _("deleted meanwhile")) for words in formset.gone]
        found += [Difference(noun, "—", _("added: %s") % row) for row in formset.added()]
    return found


def _of_form(form: forms.ModelForm, prefix: str = "") -> Iterator[Difference]:
    for name in form.changed_data:
        field = form.fields[name]
        if not field.widget.is_hidden:
            yours = getattr(form, "cleaned_data", {}).get(name, form[name].value())
            label = prefix + str(field.label or name)
            yield Difference(label, shown(field, yours), shown(field, form.initial.get(name)))


def shown(field: forms.Field, value: object) -> str:
    """A value as words for people."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return "—"
    if isinstance(value, list | tuple | models.QuerySet):
        return _(", ").join(shown(field, each) for each in value)
    if isinstance(field, forms.ModelChoiceField):
        return _choice(field, value)
    if isinstance(field, forms.ChoiceField):
        return _worded(field.choices).get(str(value), str(value))
    return str(value)


def _choice(field: forms.ModelChoiceField, value: object) -> str:
    row = value if isinstance(value, models.Model) else field.queryset.filter(pk=value).first()
    return field.label_from_instance(row) if row else str(value)


def _worded(choices: Iterable) -> dict[str, str]:
    """The labels of choices, those in groups too."""
    found: dict[str, str] = {}
    for value, label in choices:
        found |= _worded(label) if isinstance(label, list | tuple) else {str(value): str(label)}
    return found
