"""Changes of rows in words: which column of which row said what, and says what now."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from directory import snapshots
from directory.models import Citation, Organization, RowChange, Sector

# A visitor may know of these, and only of these.
PUBLIC = {
    "organization": (
        "name", "name_en", "kind", "region_id", "credit_code", "school_code", "website",
        "sectors", "description", "description_en", "verified_on",
    ),
    "alias": ("name", "sort"),
    "membership": ("role_id", "community_id", "since", "until"),
}  # fmt: skip
# What names a row that came or went, and what is said of it beside that.
NAMED_BY = {
    "alias": ("name", "sort"),
    "membership": ("role_id", "community_id", "since", "until"),
    "contact": ("label", "channel"),
    "citation": ("source_id", "place", "passage"),
    "seat": ("role_id", "count"),
    "mergednumber": (),
}
LINKS = ("organization_id", "alias_id", "membership_id")


@dataclass(frozen=True)
class Line:
    """One difference: what it is about, and the words before and after ("" for nothing).

    `whole` says that the row itself came or went.
    """

    label: str
    before: str
    after: str
    whole: bool = False


class Words:
    """The names of all that these changes point to, read together."""

    def __init__(self, changes: Iterable[RowChange]):
        self.names: dict[type, dict[str, str]] = defaultdict(dict)
        wanted: dict[type, set] = defaultdict(set)
        for change in changes:
            links = _links(change.noun)
            for values in (change.before or {}, change.after or {}):
                for name in links.keys() & values.keys():
                    wanted[links[name]].add(values[name])
                wanted[Sector].update(values.get("sectors") or ())
        for model, keys in wanted.items():
            for batch in snapshots.batches(keys - {None}):
                rows = model._base_manager.filter(pk__in=batch)
                self.names[model] |= {str(row.pk): _name(row) for row in rows}

    def lines(self, change: RowChange, public: bool = False) -> list[Line]:
        """The differences of one row; `public` leaves out what visitors may not know."""
        told = PUBLIC.get(change.noun, ()) if public else None
        if change.before is None or change.after is None:
            return [self._whole(change)] if told is None or told else []
        fields = {field.attname: field for field in snapshots.columns(change.noun)}
        noun = self._noun(change)
        moved = [] if public else self._moved(change, noun)
        return moved + [
            Line(
                noun + str(_label(change.noun, name)),
                self.value(fields.get(name), change.before[name]),
                self.value(fields.get(name), change.after[name]),
            )
            for name in sorted(change.after, key=_place(change.noun))
            if (told is None or name in told) and name not in LINKS
        ]

    def _moved(self, change: RowChange, noun: str) -> list[Line]:
        """From which organization to which, by their numbers."""
        if change.formerly is None:
            return []
        label = noun + str(Organization._meta.verbose_name)
        return [Line(label, str(change.formerly), str(change.organization or ""))]

    def _noun(self, change: RowChange) -> str:
        if change.noun == "organization":
            return ""
        return f"{snapshots.NOUNS[change.noun]._meta.verbose_name} · "

    def _whole(self, change: RowChange) -> Line:
        """A row that came or went, by what names it."""
        model, values = snapshots.NOUNS[change.noun], change.after or change.before
        fields = {field.attname: field for field in snapshots.columns(change.noun)}
        names = NAMED_BY.get(change.noun, ("name", "title"))
        said = [self.value(fields[n], values[n]) for n in names if values.get(n)] or [change.key]
        text = " · ".join(said)[:200]
        label = str(model._meta.verbose_name)
        came = change.before is None
        return Line(label, "" if came else text, text if came else "", whole=True)

    def value(self, field: models.Field | None, value: object) -> str:
        """A value as a reader writes it; "" where nothing is recorded."""
        if value in (None, "", []):
            return ""
        if field is None:
            comma = _(", ")
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


def _links(noun: str) -> dict[str, type]:
    fields = (f for f in snapshots.columns(noun) if isinstance(f, models.ForeignKey))
    return {f.attname: f.related_model for f in fields if f.attname not in LINKS}


def _name(row: models.Model) -> str:
    label = getattr(row, "label", None)
    return str(label if label is not None else row)


def _label(noun: str, name: str) -> object:
    if name == "sectors":
        return Organization._meta.get_field("sectors").verbose_name
    fields = {field.attname: field for field in snapshots.columns(noun)}
    if noun == "citation" and name == "field":
        return Citation._meta.get_field("field").verbose_name
    return fields[name].verbose_name if name in fields else name


def _place(noun: str):
    order = [field.attname for field in snapshots.columns(noun)]
    return lambda name: order.index(name) if name in order else len(order)


def label_of(noun: str, column: str) -> str:
    """The column in words, or the noun where it is about the whole row."""
    label = _label(noun, column) if column else snapshots.NOUNS[noun]._meta.verbose_name
    return str(label)


def names_now(numbers: Collection[int]) -> dict[int, str]:
    """The names of these organizations as they are now; those that are gone are left out."""
    found: dict[int, str] = {}
    for batch in snapshots.batches(sorted(numbers)):
        found |= {row.pk: row.label for row in Organization.objects.filter(pk__in=batch)}
    return found
