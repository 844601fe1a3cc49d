"""What each page other than a list gathers before it is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from pyroaring import BitMap

from directory.asking import records
from directory.asking.bitmaps import NONE, Day
from directory.asking.listing import Listing
from directory.asking.records import Record
from directory.doors import changes, tiles
from directory.doors.statistics import Statistics
from directory.models import (
    Citation,
    Community,
    Kind,
    Membership,
    Organization,
    Region,
    Role,
    Seat,
    Source,
    State,
)
from directory.models.language import is_english


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
    leads = leads_of(community, found) if community else []
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
    return {"tiles": tiles.tiles(found.vocabulary.provinces, count)}


MOST_LATEST = 5


def latest(found: Day) -> list[Organization]:
    """The members first published last."""
    return in_order(found.ordered(found.everyone, "newest"), MOST_LATEST)


def place_of(community: Community, found: Day) -> str:
    """Where a community sits, in words: 新疆巴音郭楞, or Bayingolin, Xinjiang."""
    labels = [region.short_label for region in found.vocabulary.path(community.region_id)]
    return ", ".join(reversed(labels)) if is_english() else "".join(labels)


def hints(leads: list["Bench"]) -> list[tuple[str, str]]:
    """Names that a visitor may try: an alias of each lead unit, or two words of its name."""
    found = []
    for record, _seat in (holder for bench in leads for holder in bench.holders):
        if record.aliases:
            found.append((record.aliases[0].name, record.aliases[0].language))
        elif record.organization.name_en:
            found.append((" ".join(record.organization.name_en.lower().split()[1:3]), "en"))
    return found[:4]


@dataclass
class Bench:
    """A role, its seats in one community, who sits there, and who sat there before."""

    role: Role
    seats: int | None
    total: int
    holders: list[tuple[Record, records.Seat]] = field(default_factory=list)
    former: list[tuple[Record, records.Seat]] = field(default_factory=list)

    @property
    def eligible(self) -> str:
        """Which kinds may hold it, in words; empty for any."""
        return " / ".join(str(Kind(kind).label) for kind in self.role.kinds)

    @property
    def vacant(self) -> range:
        """One for each empty seat; none where the number of seats is unknown."""
        return range(max(0, (self.seats or 0) - self.total))


MOST_SHOWN = 200


def benches(community: Community, found: Day) -> list[Bench]:
    """Every role with its holders of today, in order of seniority."""
    seats = dict(Seat.objects.filter(community=community).values_list("role", "count"))
    rows = {
        code: Bench(role, seats.get(code), total_of(community, code, found))
        for code, role in found.vocabulary.role.items()
    }
    for record in records.fetch(holders_of(community), found.vocabulary):
        for held, where in ((record.seats, "holders"), (record.former, "former")):
            for seat in held:
                if seat.membership.community_id == community.pk:
                    getattr(rows[seat.membership.role_id], where).append((record, seat))
    return list(rows.values())


def total_of(community: Community, role: str, found: Day) -> int:
    return len(found.holding({"community": [community.code], "role": [role]}))


def holders_of(community: Community) -> list[int]:
    held = Membership.objects.published().filter(
        community=community, organization__state=State.PUBLISHED
    )
    ordered = held.order_by("role__rank", "organization__pinyin", "organization")
    keys = ordered.values_list("organization_id", flat=True)
    return list(dict.fromkeys(keys[: 4 * MOST_SHOWN]))[:MOST_SHOWN]


def leads_of(community: Community, found: Day) -> list[Bench]:
    return [b for b in benches(community, found) if b.role.axis == Role.Axis.LEAD]


def roles(found: Day) -> dict:
    boards = [
        (community, benches(community, found)) for community in found.vocabulary.community.values()
    ]
    return {
        "boards": [
            {
                "community": community,
                "leads": [b for b in rows if b.role.axis == Role.Axis.LEAD],
                "council": [b for b in rows if b.role.axis == Role.Axis.COUNCIL],
            }
            for community, rows in boards
        ]
    }


def member(row: Organization, found: Day) -> dict:
    return {
        "record": records.fetch([row.pk], found.vocabulary)[0],
        "organization": row,
        "contacts": records.public_contacts(row),
        "neighbours": neighbours(row, found),
        "operator": settings.OPERATOR_CONTACT,
        "changes": changes.changes(number=row.pk).entries[:MOST_CHANGES],
    }


MOST_CHANGES = 20
MOST_NEIGHBOURS = 6


def neighbours(row: Organization, found: Day) -> list[tuple[str, list[Organization]]]:
    """Other members: of the same prefecture, the same sector, and the same community."""
    here = found.places([row.pk])
    prefecture = [row.region_id[:4] + "00"] if row.region_id else []
    sectors = [sector.code for sector in row.sectors.all()]
    communities = [
        code for code in found.vocabulary.community if found.holding({"community": [code]}) & here
    ]
    beside = (
        (_("In the same prefecture"), prefecture and found.being("region", prefecture)),
        (_("In the same sector"), sectors and found.being("sector", sectors)),
        (_("In the same community"), communities and found.holding({"community": communities})),
    )
    return [(title, first_of(places - here, found)) for title, places in beside if places]


def first_of(places: BitMap, found: Day) -> list[Organization]:
    return in_order(found.ordered(places, "seniority"), MOST_NEIGHBOURS)


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
        "members": records.fetch(list(islice(keys, MOST_SHOWN)), found.vocabulary),
    }


def sources() -> dict:
    """Every source that a public fact rests on, with its uses."""
    shown = Organization.objects.published().with_a_page()
    public = (
        Q(community__isnull=False)
        | Q(organization__in=shown)
        | Q(alias__organization__in=shown)
        | Q(membership__state=State.PUBLISHED, membership__organization__in=shown)
    )
    uses: dict[str, list[Citation]] = {}
    rows = Citation.objects.filter(public).select_related(
        "source",
        "organization",
        "community",
        "alias__organization",
        "membership__organization",
        "membership__role",
    )
    for citation in rows.order_by("source", "pk")[:2000]:
        uses.setdefault(citation.source_id, []).append(citation)
    return {"sources": [(s, uses[s.pk]) for s in Source.objects.filter(pk__in=uses)]}


def about(found: Day) -> dict:
    return {
        "total": len(found.everyone),
        "operator_name": settings.OPERATOR_NAME,
        "operator": settings.OPERATOR_CONTACT,
        "licence": settings.DATA_LICENCE,
    }
