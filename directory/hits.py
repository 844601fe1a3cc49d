"""A hit: which of a member's names the words found, and what sort of name it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from directory import words
from directory.records import Record


@dataclass(frozen=True)
class Match:
    """The name by which a hit was found, and what sort of name it is."""

    name: str
    sort: str
    language: str


def matched(query: str, record: Record) -> Match | None:
    """The first of the member's names that holds all words asked for; then its regions' names."""
    if not query:
        return None
    row = record.organization
    names = [
        (row.name, _("registered name"), "zh-Hans"),
        (row.name_en, _("English name"), "en"),
        *((alias.name, alias.get_sort_display(), alias.language) for alias in record.aliases),
        (row.credit_code, _("social credit code"), "en"),
        (row.school_code, _("school code"), "en"),
        (row.website, _("web site"), "en"),
    ]
    for name, sort, language in names:
        if name and words.matches(query, name):
            return Match(name, sort, language)
    for region in reversed(record.path):
        for name in region.every_name:
            if words.matches(query, name):
                return Match(region.label, _("region"), "")
    return None
