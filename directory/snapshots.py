"""What rows say at one moment, plain enough to be compared, kept and put back.

An organization's image is all that belongs to it: aliases, memberships, contacts, citations,
sectors and merged numbers; a community's also holds its seats and citations, a role's its seats;
every other noun stands alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from django.db import models

from directory.db.bulk import keyed
from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    Membership,
    MergedNumber,
    Organization,
    Reading,
    Region,
    Role,
    Seat,
    Sector,
    Source,
)

# What others point to stands first: in this order rows can be put back, in the reverse they go.
MODELS = (
    Reading, Region, Sector, Source, Role, Community, Seat,
    Organization, MergedNumber, Alias, Membership, Contact, Citation,
)  # fmt: skip
NOUNS = {model._meta.model_name: model for model in MODELS}
ORDER = {noun: number for number, noun in enumerate(NOUNS)}
DERIVED = {"organization": ("slug", "pinyin", "version")}
BATCH = 1000
NONE: Mapping[int, "Image"] = MappingProxyType({})

Key = tuple[str, str]


class Image(NamedTuple):
    """One row: its noun, key, the organization that it belongs to (if any), and its columns."""

    noun: str
    key: str
    owner: int | None
    values: dict

    @property
    def place(self) -> Key:
        return self.noun, self.key


def noun_of(row: models.Model) -> str:
    return row._meta.concrete_model._meta.model_name


def columns(noun: str) -> list[models.Field]:
    """The columns that people write; what is derived from them is left out."""
    return [
        field
        for field in NOUNS[noun]._meta.concrete_fields
        if not field.primary_key and field.name not in DERIVED.get(noun, ())
    ]


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def batches(keys: Iterable, size: int = BATCH) -> Iterator[list]:
    todo = iter(keys)
    while batch := list(islice(todo, size)):
        yield batch


def of_organizations(keys: Collection[int], known: Mapping[int, Image] = NONE) -> dict[Key, Image]:
    """All that belongs to these organizations; nothing for a number that nobody has.

    `known`: what some of their own rows say, where that need not be read again.
    """
    found: dict[Key, Image] = {}
    for batch in batches(sorted(keys)):
        found |= _of_batch(batch, known)
    return found


def of_inserted(row: Organization) -> Image:
    """What this row says, just after it was inserted as it is."""
    said = {field.attname: plain(getattr(row, field.attname)) for field in columns("organization")}
    return Image("organization", str(row.pk), row.pk, said)


def _of_batch(keys: list[int], known: Mapping[int, Image]) -> dict[Key, Image]:
    rows = [known[key] for key in keys if key in known]
    if unknown := [key for key in keys if key not in known]:
        rows += _read(Organization.objects.filter(**keyed(unknown)), owner="pk")
    chosen: dict[int, list[str]] = {}
    pairs = Organization.sectors.through.objects.filter(**keyed(keys, "organization"))
    for key, code in pairs.order_by("sector_id").values_list("organization_id", "sector_id"):
        chosen.setdefault(key, []).append(code)
    for image in rows:
        image.values["sectors"] = chosen.get(image.owner, [])
    for model in (MergedNumber, Alias, Membership, Contact):
        rows += _read(model.objects.filter(**keyed(keys, "organization")), owner="organization_id")
    for owner in ("organization", "alias__organization", "membership__organization"):
        path = owner if "__" in owner else f"{owner}_id"
        rows += _read(Citation.objects.filter(**keyed(keys, owner)), owner=path)
    return {image.place: image for image in rows}


def of_row(row: models.Model) -> dict[Key, Image]:
    """The image of a row that belongs to no organization, as the database has it."""
    noun = noun_of(row)
    rows = [*_read(NOUNS[noun].objects.filter(pk=row.pk))]
    # Seats go with either.
    if noun in ("community", "role"):
        rows += _read(Seat.objects.filter(**{noun: row.pk}))
    if noun == "community":
        rows += _read(Citation.objects.filter(community=row.pk))
    return {image.place: image for image in rows}


def _read(rows: models.QuerySet, owner: str = "") -> Iterator[Image]:
    noun = rows.model._meta.model_name
    names = [field.attname for field in columns(noun)]
    asked = ["pk", owner or "pk", *names]
    for key, whose, *values in rows.order_by().values_list(*asked):
        said = dict(zip(names, map(plain, values), strict=True))
        yield Image(noun, str(key), whose if owner else None, said)


class Difference(NamedTuple):
    """What one row said before and after, as a `RowChange` keeps it."""

    noun: str
    key: str
    organization: int | None
    formerly: int | None
    before: dict | None
    after: dict | None


def differences(before: dict[Key, Image], after: dict[Key, Image]) -> Iterator[Difference]:
    for place in sorted(before.keys() | after.keys(), key=lambda p: (ORDER[p[0]], p[1])):
        was, now = before.get(place), after.get(place)
        if not was or not now:
            yield Difference(
                *place, (now or was).owner, None, was and was.values, now and now.values
            )
        elif names := [name for name in now.values if now.values[name] != was.values.get(name)]:
            formerly = was.owner if was.owner != now.owner else None
            then = {name: was.values.get(name) for name in names}
            yield Difference(*place, now.owner, formerly, then, {n: now.values[n] for n in names})
