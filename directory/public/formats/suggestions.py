"""Suggestions of a search box while somebody types: members, regions and roles, with links."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from directory.listing.index.bitmaps import DayIndex
from directory.listing.listing import Listing
from directory.listing.matches import find_match, get_names
from directory.models import Region
from directory.text import tokens

MAX_MEMBERS, MAX_OTHERS = 6, 3


@dataclass(frozen=True)
class Suggestion:
    """A line of the list: its label, what sort of thing it is, and its URL (the keys of JSON)."""

    label: str
    sort: str
    address: str


def build_suggestions(listing: Listing) -> list[dict]:
    """At most twelve lines for a query; none for an empty one."""
    query, day_index = listing.q, listing.day_index
    if not query or tokens.parse_query(query) is None:
        return []
    suggestions = [
        *suggest_members(listing),
        *suggest_regions(query, day_index),
        *suggest_roles(query, day_index),
    ]
    return [asdict(suggestion) for suggestion in suggestions]


def suggest_members(listing: Listing) -> Iterator[Suggestion]:
    """Members that have the words in a name of their own, with the name that matched."""
    keys = listing.day_index.iter_sorted(listing.matching & listing.query_matches[0], "seniority")
    for record in listing.get_records(islice(keys, MAX_MEMBERS), brief=True):
        match, label = find_match(listing.q, get_names(record)), record.organization.label
        if match and match.name != label:
            sort = f"{match.sort}: {match.name}"
        else:
            sort = record.memberships[0].role.label
        yield Suggestion(label, sort, record.organization.get_absolute_url())


def suggest_regions(query: str, day_index: DayIndex) -> Iterator[Suggestion]:
    """Regions that have members and whose names hold the words."""
    count = day_index.get_counter("region", {}, day_index.members)
    parsed, used = tokens.parse_query(query), day_index.bitmaps["region"]
    if parsed is None:
        return
    regions = (
        row
        for code, row in day_index.reference_data.region.items()
        if code in used
        and not row.virtual
        and tokens.has_all_words(parsed, get_region_tokens(row))
        and count(code)
    )
    for row in islice(regions, MAX_OTHERS):
        url = reverse("directory:members") + f"?region={row.code}"
        yield Suggestion(f"{row.label} ({count(row.code)})", _("region"), url)


def get_region_tokens(region: Region) -> frozenset[str]:
    return tokens.tokenize_all_cached(tuple(region.all_names))


def suggest_roles(query: str, day_index: DayIndex) -> Iterator[Suggestion]:
    count = day_index.get_counter("role", {}, day_index.members)
    roles = (
        role
        for role in day_index.reference_data.role.values()
        if tokens.matches(query, role.name, role.name_en)
    )
    for role in islice(roles, MAX_OTHERS):
        url = reverse("directory:members") + f"?role={role.code}"
        yield Suggestion(f"{role.label} ({count(role.code)})", _("role"), url)
