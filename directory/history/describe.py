"""Describe row changes as text: the label of each changed column, its old and new value."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from directory import snapshots
from directory.models import Citation, Organization, Revision, RowChange, Sector
from directory.permissions import disclosure
from directory.permissions.policy import Account
from directory.text.language import list_separator

# The fields shown to visitors, by model name; everything else is shown in the admin only.
PUBLIC_FIELDS = {
    "organization": (
        "name", "name_en", "kind", "region_id", "credit_code", "school_code", "website",
        "sectors", "description", "description_en", "verified_on",
    ),
    "alias": ("name", "sort"),
    "membership": ("role_id", "community_id", "since", "until"),
}  # fmt: skip
# The fields that identify an added or removed row; for other models: name and title.
IDENTIFYING_FIELDS = {
    "alias": ("name", "sort"),
    "membership": ("role_id", "community_id", "since", "until"),
    "contact": ("label", "channel"),
    "citation": ("source_id", "place", "passage"),
    "seat": ("role_id", "count"),
    "mergednumber": (),
}
# The numbers in the comment of a merge: 81 ← 82
MERGE_COMMENT = re.compile(r"^[0-9]{1,18}(?= ← )|(?<= ← )[0-9]{1,18}$")
OWNER_LINKS = ("organization_id", "alias_id", "membership_id")


@dataclass(frozen=True)
class ChangeLine:
    """One change as text: label, old and new value; "" where there is no value.

    `is_whole_row`: the row itself was added or removed.
    """

    label: str
    before: str
    after: str
    is_whole_row: bool = False


class ChangeDescriber:
    """Describes row changes; the names of all rows they refer to are read in advance."""

    def __init__(self, changes: Iterable[RowChange], user: Account = None):
        changes = list(changes)
        numbers = {key for change in changes for key in (change.organization, change.formerly)}
        # Of organizations elsewhere that the reader may not know: None may know all.
        self.hidden = disclosure.find_hidden(user, {key for key in numbers if key is not None})
        self.names: dict[type[models.Model], dict[str, str]] = defaultdict(dict)
        keys_by_model: dict[type[models.Model], set] = defaultdict(set)
        for change in changes:
            links = _get_foreign_keys(change.noun)
            for values in (change.before or {}, change.after or {}):
                for name in links.keys() & values.keys():
                    keys_by_model[links[name]].add(values[name])
                keys_by_model[Sector].update(values.get("sectors") or ())
        for model, keys in keys_by_model.items():
            for batch in snapshots.split_into_batches(keys - {None}):
                rows = model._base_manager.filter(pk__in=batch)
                self.names[model] |= {str(row.pk): _get_display_name(row) for row in rows}

    def describe(self, change: RowChange, public: bool = False) -> list[ChangeLine]:
        """Return a line for each changed column; `public` leaves out what visitors may not see."""
        public_fields = PUBLIC_FIELDS.get(change.noun, ()) if public else None
        if change.organization in self.hidden:
            return self._describe_move(change, self._get_label_prefix(change))
        if change.before is None or change.after is None:
            hidden = public_fields is not None and not public_fields
            return [] if hidden else [self._describe_whole_row(change)]
        fields = {field.attname: field for field in snapshots.get_recorded_fields(change.noun)}
        prefix = self._get_label_prefix(change)
        moves = [] if public else self._describe_move(change, prefix)
        # What a row said while it belonged to a hidden organization is not told either.
        before = {} if change.formerly in self.hidden else change.before
        return moves + [
            ChangeLine(
                prefix + str(_get_field_label(change.noun, name)),
                self.format_value(fields.get(name), before.get(name)),
                self.format_value(fields.get(name), change.after[name]),
            )
            for name in sorted(change.after, key=_build_column_sort_key(change.noun))
            if (public_fields is None or name in public_fields) and name not in OWNER_LINKS
        ]

    def _describe_move(self, change: RowChange, prefix: str) -> list[ChangeLine]:
        """Return the numbers of the old and the new owner, if the row changed its owner."""
        if change.formerly is None:
            return []
        label = prefix + str(Organization._meta.verbose_name)
        before, after = map(self._format_number, (change.formerly, change.organization))
        return [ChangeLine(label, before, after)]

    def _format_number(self, number: int | None) -> str:
        """Return the number of an organization, or that it is elsewhere if it is hidden."""
        return str(disclosure.ENTRY_ELSEWHERE if number in self.hidden else number or "")

    def _get_label_prefix(self, change: RowChange) -> str:
        if change.noun == "organization":
            return ""
        return f"{snapshots.MODELS_BY_NAME[change.noun]._meta.verbose_name} · "

    def _describe_whole_row(self, change: RowChange) -> ChangeLine:
        """Return the line of an added or removed row: the fields that identify it."""
        model, values = snapshots.MODELS_BY_NAME[change.noun], change.after or change.before or {}
        fields = {field.attname: field for field in snapshots.get_recorded_fields(change.noun)}
        names = IDENTIFYING_FIELDS.get(change.noun, ("name", "title"))
        texts = [self.format_value(fields[n], values[n]) for n in names if values.get(n)]
        text = " · ".join(texts or [change.key])[:200]
        label = str(model._meta.verbose_name)
        if change.before is None:
            return ChangeLine(label, "", text, is_whole_row=True)
        return ChangeLine(label, text, "", is_whole_row=True)

    def format_value(self, field: models.Field | None, value: Any) -> str:
        """Return a value as text for people; "" where there is none."""
        if value in (None, "", []):
            return ""
        if field is None:
            comma = list_separator()
            return comma.join(self.names[Sector].get(code, code) for code in value)
        if isinstance(field, models.ForeignKey):
            return self.names[field.related_model].get(str(value), str(value))
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.DateTimeField):
            return date_format(localtime(parse_datetime(value)), "DATETIME_FORMAT")
        return str(value)


def _get_foreign_keys(model_name: str) -> dict[str, type[models.Model]]:
    fields = snapshots.get_recorded_fields(model_name)
    links = [field for field in fields if isinstance(field, models.ForeignKey)]
    return {link.attname: link.related_model for link in links if link.attname not in OWNER_LINKS}


def _get_display_name(row: models.Model) -> str:
    label = getattr(row, "label", None)
    return str(label if label is not None else row)


def _get_field_label(model_name: str, name: str) -> object:
    if name == "sectors":
        return Organization._meta.get_field("sectors").verbose_name
    fields = {field.attname: field for field in snapshots.get_recorded_fields(model_name)}
    if model_name == "citation" and name == "field":
        return Citation._meta.get_field("field").verbose_name
    return fields[name].verbose_name if name in fields else name


def _build_column_sort_key(model_name: str) -> Callable[[str], int]:
    order = [field.attname for field in snapshots.get_recorded_fields(model_name)]
    return lambda name: order.index(name) if name in order else len(order)


def get_column_label(model_name: str, column: str) -> str:
    """Return the label of a column; without a column, that of the model."""
    if column:
        return str(_get_field_label(model_name, column))
    return str(snapshots.MODELS_BY_NAME[model_name]._meta.verbose_name)


def hide_merged_numbers(revisions: Iterable[Revision], user: Account) -> None:
    """Give each revision a `shown_comment`: that of a merge without numbers that are hidden."""
    for revision in revisions:
        numbers = [int(digits) for digits in MERGE_COMMENT.findall(revision.comment)]
        hidden = disclosure.find_hidden(user, numbers)
        revision.shown_comment = (  # type: ignore[attr-defined]  # for templates
            str(disclosure.ENTRY_ELSEWHERE) if hidden else revision.comment
        )


def get_current_names(numbers: Collection[int]) -> dict[int, str]:
    """Return the present names of organizations by number, without those that do not exist."""
    names: dict[int, str] = {}
    for batch in snapshots.split_into_batches(sorted(numbers)):
        names |= {row.pk: row.label for row in Organization.objects.filter(pk__in=batch)}
    return names
