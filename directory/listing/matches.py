"""Find which of a member's names a query matches, and what sort of name it is."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from directory.listing.records import Record
from directory.models import Alias
from directory.text import tokens


class Match(NamedTuple):
    """A name that matches a query, and what sort of name it is, in the page's language."""

    name: str
    sort: Any
    language: str


def find_match(query: str, names: list[Match]) -> Match | None:
    """Return the first name that has all words of the query.

    Where only several names together have them, the first that has any of them.
    """
    if not query:
        return None
    for match in names:
        if tokens.matches(query, match.name):
            return match
    parts = [run for run, _han in tokens.split_runs(query)]
    return next((m for m in names for part in parts if tokens.matches(part, m.name)), None)


ALIAS_SORTS = dict(Alias.Sort.choices)
NAME, NAME_EN, REGION = _("registered name"), _("English name"), _("region")
CREDIT, SCHOOL, SITE = _("social credit code"), _("school code"), _("web site")


def get_names(record: Record) -> list[Match]:
    """Return every name by which a member is found: its own, then its regions', nearest first."""
    row = record.organization
    names = [
        (row.name, NAME, "zh-Hans"),
        (row.name_en, NAME_EN, "en"),
        *((alias.name, ALIAS_SORTS[alias.sort], alias.language) for alias in record.aliases),
        (row.credit_code, CREDIT, "en"),
        (row.school_code, SCHOOL, "en"),
        (row.website, SITE, "en"),
    ]
    return [Match(*each) for each in names if each[0]] + get_region_names(record)


def get_region_names(record: Record) -> list[Match]:
    """Return the names of the record's regions, the nearest first; each region's are cached."""
    cached = record.reference_data.name_cache
    for region in record.path:
        if region.code not in cached:
            cached[region.code] = [
                Match(name, REGION, "") for name in (*region.all_names, region.code)
            ]
    return [match for region in reversed(record.path) for match in cached[region.code]]
