"""What each page other than a list gathers before it is drawn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from pyroaring import BitMap

from directory.listing import records
from directory.listing.index.bitmaps import Day
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.listing.loader import fetch
from directory.models import (
    Citation,
    Community,
    Organization,
    Region,
    Role,
    Source,
    State,
)
from directory.public.html import tile_map
from directory.public.pages import changelog, role_seats
from directory.public.pages.statistics import Statistics
from directory.text.language import is_english


@dataclass
class Stated:
    """What the sources say of a community's size, beside how many members are named."""

    community: Community
    named: int
    citations: list[Citation]

    @property
    def words(self) -> str:
        return self.community.stated_words


def size_of(community: Community, named: int, found: Day) -> Stated | None:
    if not community.stated_size:
        return None
    said = found.vocabulary.said.get(community.pk, {})
    return Stated(community, named, said.get("stated_size", []))


def the_community(asked: list[str], found: Day) -> Community | None:
    """The one community that a page speaks of: the one asked for, or the only one."""
    communities = found.vocabulary.community
    if len(asked) == 1 and asked[0] in communities:
        return communities[asked[0]]
    return next(iter(communities.values())) if len(communities) == 1 else None


def stated(listing: Listing) -> Stated | None:
    community = None
    if not listing.among and not listing.refusals:
        community = the_community(listing.asked["community"], listing.index)
    if community is None:
        return None
    named = len(listing.index.holding({"community": [community.code]}))
    return size_of(community, named, listing.index)


def home(found: Day) -> dict:
    community = next(iter(found.vocabulary.community.values()), None)
    leads = role_seats.benches(community, found, MOST_LEADS, Role.Axis.LEAD) if community else []
    return {
        "community": community,
        "cited": found.vocabulary.said.get(community.pk, {}) if community else {},
        "stated": size_of(community, len(found.everyone), found) if community else None,
        "leads": leads,
        "community_path": found.vocabulary.path(community.region_id) if community else [],
        "place": place_of(community, found) if community else "",
        "hints": hints(leads),
        "kinds": Statistics(Listing(QueryDict(), today=found)).kinds,
        **tiled(found),
        "total": len(found.everyone),
        "latest": latest(found),
    }


def tiled(found: Day) -> dict:
    """The provinces as tiles with their counts, in the order of their codes."""
    count = found.counts("region", {}, found.everyone)
    return {"tiles": tile_map.tiles(found.vocabulary.provinces, count)}


MOST_LATEST, MOST_LEADS, MOST_SHOWN, MOST_USES = 5, 6, 50, 100


def latest(found: Day) -> list[Organization]:
    """The members first published last."""
    return in_order(found.ordered(found.everyone, "newest"), MOST_LATEST)


def place_of(community: Community, found: Day) -> str:
    """Where a community sits, in words: 新疆巴音郭楞, or Bayingolin, Xinjiang."""
    labels = [region.short_label for region in found.vocabulary.path(community.region_id)]
    return ", ".join(reversed(labels)) if is_english() else "".join(labels)


def hints(leads: list[role_seats.Bench]) -> list[tuple[str, str]]:
    """Names that a visitor may try: an alias of each lead unit, or two words of its name."""
    found = []
    for record, _seat in (holder for bench in leads for holder in bench.holders):
        if record.aliases:
            found.append((record.aliases[0].name, record.aliases[0].language))
        elif record.organization.name_en:
            found.append((" ".join(record.organization.name_en.lower().split()[1:3]), "en"))
    return found[:4]


def roles(found: Day) -> dict:
    """Every community's seat board."""
    return {
        "boards": [role_seats.board(each, found) for each in found.vocabulary.community.values()]
    }


def member(row: Organization, found: Day) -> dict:
    return {
        "record": fetch([row.pk], found.vocabulary)[0],
        "organization": row,
        "contacts": records.public_contacts(row),
        "neighbours": neighbours(row, found),
        "operator": settings.OPERATOR_CONTACT,
        "changes": changelog.changes(number=row.pk).entries[:MOST_CHANGES],
    }


MOST_CHANGES = 20
MOST_NEIGHBOURS = 6


def neighbours(row: Organization, found: Day) -> list[tuple[str, list[Organization]]]:
    """Other members: of the same prefecture, the same sector, and the same community."""
    prefecture = [row.region_id[:4] + "00"] if row.region_id else []
    sectors = [sector.code for sector in row.sectors.all()]
    communities = [
        code
        for code in found.vocabulary.community
        if row.pk in found.holding({"community": [code]})
    ]
    beside = (
        (_("In the same prefecture"), prefecture and found.being("region", prefecture)),
        (_("In the same sector"), sectors and found.being("sector", sectors)),
        (_("In the same community"), communities and found.holding({"community": communities})),
    )
    return [(title, first_of(keys - BitMap([row.pk]), found)) for title, keys in beside if keys]


def first_of(keys: BitMap, found: Day) -> list[Organization]:
    return in_order(found.ordered(keys, "seniority"), MOST_NEIGHBOURS)


def in_order(keys: Iterable[int], most: int) -> list[Organization]:
    """The first of these organizations, as long as they are published."""
    first = list(islice(keys, most))
    rows = Organization.objects.published().in_bulk(first)
    return [rows[key] for key in first if key in rows]


def regions(found: Day) -> dict:
    count = found.counts("region", {}, found.everyone)
    return {
        "provinces": [(row, count(row.code)) for row in found.vocabulary.provinces],
        **tiled(found),
        "total": len(found.everyone),
        "unplaced": count(NONE),
    }


def region(row: Region, found: Day) -> dict:
    count = found.counts("region", {}, found.everyone)
    rungs = [(r, count(r.code)) for r in found.vocabulary.below.get(row.code, [])]
    keys = found.ordered(found.being("region", [row.code]), "seniority")
    return {
        "region": row,
        **tiled(found),
        "path": found.vocabulary.path(row.code),
        "count": count(row.code),
        "total": len(found.everyone),
        "rungs": rungs,
        # Those below are counted once each, so what is left is recorded no further down.
        "exact": count(row.code) - sum(number for _row, number in rungs),
        "members": fetch(list(islice(keys, MOST_SHOWN)), found.vocabulary),
    }


def sources() -> dict:
    """Every source that a public fact rests on, with its first uses, and whether there are more."""
    told = [(row, list(islice(uses_of(row), MOST_USES + 1))) for row in Source.objects.all()]
    return {
        "sources": [(row, uses[:MOST_USES], len(uses) > MOST_USES) for row, uses in told if uses]
    }


def uses_of(source: Source) -> Iterator[Citation]:
    """What is cited of a source in public, in the order in which it was entered."""
    rows = (
        Citation.objects.filter(source=source)
        .order_by("pk")
        .select_related(
            "source",
            "organization",
            "community",
            "alias__organization",
            "membership__organization",
            "membership__role",
        )
    )
    last = 0
    while batch := list(rows.filter(pk__gt=last)[: 2 * MOST_USES]):
        last = batch[-1].pk
        yield from public(batch)


def public(citations: list[Citation]) -> Iterator[Citation]:
    """Those that hang on what the public may see."""
    hers = {owner.pk for row in citations if (owner := owner_of(row))}
    shown = Organization.objects.published().with_a_page().filter(pk__in=hers)
    known = set(shown.values_list("pk", flat=True))
    for row in citations:
        owner, held = owner_of(row), row.membership
        if row.community_id or (owner.pk in known and (not held or held.state == State.PUBLISHED)):
            yield row


def owner_of(citation: Citation) -> Organization | None:
    """The organization on which, or on whose name or role, a citation hangs."""
    held = citation.alias or citation.membership
    return citation.organization or (held and held.organization)


def about(found: Day) -> dict:
    return {
        "total": len(found.everyone),
        "operator_name": settings.OPERATOR_NAME,
        "operator": settings.OPERATOR_CONTACT,
        "licence": settings.DATA_LICENCE,
    }
