"""A hit: which of a member's names the words found, and what sort of name it is."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from directory.listing.records import Record
from directory.models import Alias
from directory.text import tokens


class Match(NamedTuple):
    """The name by which a hit was found, and what sort of name it is, in the reader's language."""

    name: str
    sort: Any
    language: str


def matched(query: str, names: list[Match]) -> Match | None:
    """The first name that holds all words asked for.

    Where only several names together hold them, the first that holds any of them.
    """
    if not query:
        return None
    for match in names:
        if tokens.matches(query, match.name):
            return match
    parts = [run for run, _han in tokens.pieces(query)]
    return next((m for m in names for part in parts if tokens.matches(part, m.name)), None)


SORTS = dict(Alias.Sort.choices)
NAME, NAME_EN, REGION = _("registered name"), _("English name"), _("region")
CREDIT, SCHOOL, SITE = _("social credit code"), _("school code"), _("web site")


def names_of(record: Record) -> list[Match]:
    """Every name that finds a member: its own, then its regions', the nearest first."""
    row = record.organization
    named = [
        (row.name, NAME, "zh-Hans"),
        (row.name_en, NAME_EN, "en"),
        *((alias.name, SORTS[alias.sort], alias.language) for alias in record.aliases),
        (row.credit_code, CREDIT, "en"),
        (row.school_code, SCHOOL, "en"),
        (row.website, SITE, "en"),
    ]
    return [Match(*told) for told in named if told[0]] + places_of(record)


def places_of(record: Record) -> list[Match]:
    """Its regions' names, the nearest first; each region's are gathered once."""
    kept = record.vocabulary.named
    for region in record.path:
        if region.code not in kept:
            kept[region.code] = [
                Match(name, REGION, "") for name in (*region.every_name, region.code)
            ]
    return [match for region in reversed(record.path) for match in kept[region.code]]
