"""A hit: which of a member's names the words found, and what sort of name it is."""

from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from directory import words
from directory.asking.records import Record


class Match(NamedTuple):
    """The name by which a hit was found, and what sort of name it is."""

    name: str
    sort: str
    language: str


def matched(query: str, names: list[Match]) -> Match | None:
    """The first name that holds all words asked for.

    Where only several names together hold them, the first that holds any of them.
    """
    if not query:
        return None
    for match in names:
        if words.matches(query, match.name):
            return match
    parts = [run for run, _han in words.pieces(query)]
    return next((m for m in names for part in parts if words.matches(part, m.name)), None)


def names_of(record: Record) -> list[Match]:
    """Every name that finds a member: its own, then its regions', the nearest first."""
    row = record.organization
    named = [
        (row.name, _("registered name"), "zh-Hans"),
        (row.name_en, _("English name"), "en"),
        *((alias.name, alias.get_sort_display(), alias.language) for alias in record.aliases),
        (row.credit_code, _("social credit code"), "en"),
        (row.school_code, _("school code"), "en"),
        (row.website, _("web site"), "en"),
    ]
    return [Match(*told) for told in named if told[0]] + places_of(record)


def places_of(record: Record) -> list[Match]:
    """Its regions' names, made once for each region as long as it is called so."""
    kept = record.vocabulary.labels.setdefault(get_language(), {})
    key = "names", record.organization.region_id
    if key not in kept:
        kept[key] = [
            Match(name, _("region"), "")
            for region in reversed(record.path)
            for name in (*region.every_name, region.code)
        ]
    return kept[key]
