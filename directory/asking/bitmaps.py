"""The members' places as roaring bitmaps: who answers a question, counted without the database.

A place is a position in the order of pinyin among all organizations that ever were members.
What hangs on the day (who holds what, and so who is a member) is a `Day` of the `Index`.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from pyroaring import BitMap

from directory import codes
from directory.models import Citation, Community, Region, Role, Sector, Source

NONE = "none"
# These three are asked of one and the same membership; the rest of the organization.
SEAT_QUESTIONS = ("role", "community", "evidence")
ORGANIZATION_QUESTIONS = ("region", "kind", "sector")
SORTS = ("seniority", "pinyin", "name", "region", "newest")
CHUNK = 4096
MOST_HELD = 100
Asked = dict[str, list[str]]


@dataclass
class Vocabulary:
    """The rows that questions are asked about, by their codes, in their own order."""

    role: dict[str, Role]
    community: dict[str, Community]
    region: dict[str, Region]
    sector: dict[str, Sector]
    source: dict[str, Source]
    # What is said of each community, by the fact: `said[community.pk]["purpose"]`.
    said: dict[int, dict[str, list[Citation]]] = field(default_factory=dict)
    # What pages have called them and drawn of them before, by language.
    labels: dict[str, dict[tuple, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Vocabulary":
        return cls(
            role={row.code: row for row in Role.objects.all()},
            community={row.code: row for row in Community.objects.select_related("region")},
            region={row.code: row for row in Region.objects.all()},
            sector={row.code: row for row in Sector.objects.all()},
            source=Source.objects.in_bulk(),
            said=_said(),
        )

    @cached_property
    def provinces(self) -> list[Region]:
        return [row for row in self.region.values() if row.level == Region.Level.PROVINCE]

    @cached_property
    def below(self) -> dict[str, list[Region]]:
        """The real regions one rung below each; a rung that is only virtual is stepped over."""
        found: dict[str, list[Region]] = defaultdict(list)
        for row in self.region.values():
            above = self.path(row.code)[:-1] if not row.virtual else []
            if above:
                found[above[-1].code].append(row)
            rung = row.code[:4] + "00"
            if rung != row.code and rung in self.region and self.region[rung].virtual:
                found[rung].append(row)
        return found

    @cached_property
    def region_or_none(self) -> frozenset[str]:
        return frozenset((*self.region, NONE))

    @cached_property
    def sector_or_none(self) -> frozenset[str]:
        return frozenset((*self.sector, NONE))

    @cached_property
    def community_by_key(self) -> dict[int, Community]:
        return {row.pk: row for row in self.community.values()}

    @cached_property
    def full_names(self) -> dict[str, str]:
        return {code: " ".join(row.name for row in self.path(code)) for code in self.region}

    def full_name(self, code: str | None) -> str:
        """The Chinese names on the way down, as files write them."""
        return self.full_names.get(code or "", "")

    def path(self, code: str | None) -> list[Region]:
        """The real regions on the way down to this one."""
        rungs = codes.region_rungs(code) if code else []
        found = [self.region[rung] for rung in rungs if rung in self.region]
        return [row for row in found if not row.virtual]


def _said() -> dict[int, dict[str, list[Citation]]]:
    found: dict[int, dict[str, list[Citation]]] = defaultdict(dict)
    rows = Citation.objects.filter(community__isnull=False).select_related("source")
    for row in rows.order_by("source", "pk"):
        found[row.community_id].setdefault(row.field, []).append(row)
    return found


class Order:
    """One order of the places, in chunks, so that a far page is reached without walking to it."""

    def __init__(self, places: Iterable[int]):
        self.places = array("I", places)
        starts = range(0, len(self.places), CHUNK)
        self.chunks = [BitMap(self.places[start : start + CHUNK]) for start in starts]

    def walk(self, found: BitMap, start: int) -> Iterator[int]:
        """The found places in this order, from the `start`-th on."""
        for number, chunk in enumerate(self.chunks):
            here = chunk.intersection_cardinality(found)
            if start >= here:
                start -= here
                continue
            places = self.places[number * CHUNK : (number + 1) * CHUNK]
            yield from islice((place for place in places if place in found), start, None)
            start = 0


@dataclass
class Index:
    """All that is asked of organizations, whatever the day."""

    version: int
    vocabulary: Vocabulary
    keys: array = field(default_factory=lambda: array("I"))
    bitmaps: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    # Who held which seat from which day until which, as days since year 1: many and small.
    spans: dict[tuple[str, str, str], dict[tuple[int, int], array]] = field(default_factory=dict)
    days: dict[date, "Day"] = field(default_factory=dict)
    # Whom a query found by names of their own, and by any: asked of the database once.
    hits: dict[str, tuple[BitMap, BitMap]] = field(default_factory=dict)

    @cached_property
    def place_of(self) -> array:
        """The place of each organization id, -1 for those that have none."""
        found = array("i", [-1]) * (max(self.keys, default=0) + 1)
        for place, key in enumerate(self.keys):
            found[key] = place
        return found

    def places(self, keys: array) -> array:
        """The places of these keys, in their order; some have none."""
        place_of, most = self.place_of, len(self.place_of)
        if not keys or max(keys) < most:
            places = array("i", map(place_of.__getitem__, keys))
        else:
            places = array("i", [place_of[key] if key < most else -1 for key in keys])
        if -1 in places:
            return array("I", [place for place in places if place >= 0])
        return array("I", places)

    def on(self, day: date) -> "Day":
        if day not in self.days:
            if len(self.days) >= 8:
                self.days.pop(next(iter(self.days)), None)
            self.days[day] = Day(self, day)
        return self.days[day]


class Day:
    """The members of one day, and whoever answers a question among them."""

    def __init__(self, index: Index, day: date):
        self.index, self.day, number = index, day, day.toordinal()
        self.version, self.vocabulary, self.keys = index.version, index.vocabulary, index.keys
        self.bitmaps = index.bitmaps
        self.seats = {}
        for seat, spans in index.spans.items():
            held = array("I")
            for (since, until), who in spans.items():
                if since <= number < until:
                    held.extend(who)
            self.seats[seat] = BitMap(held)
        self.held: dict[tuple, BitMap] = {}
        self.everyone = union(self.seats.values())
        # Entries drawn before, by language and grouping: they live as long as this day does.
        self.drawn: dict[tuple, dict] = {}

    @cached_property
    def used_regions(self) -> dict[str, list[str]]:
        """The real regions where somebody is, by the first two digits; no provinces."""
        known, found = self.vocabulary.region, defaultdict(list)
        for code in self.bitmaps["region"]:
            if code in known and not known[code].virtual and not code.endswith("0000"):
                found[code[:2]].append(code)
        return found

    @cached_property
    def ranks(self) -> list[BitMap]:
        """The members by their most senior role, each once, the most senior first."""
        roles = sorted(self.vocabulary.role.values(), key=lambda role: role.rank)
        left, ranks = self.everyone.copy(), []
        for role in roles:
            ranks.append(self.holding({"role": [role.code]}) & left)
            left -= ranks[-1]
        return ranks

    def of_rank(self, role: str) -> BitMap:
        """The members of whom this is the most senior role."""
        roles = sorted(self.vocabulary.role.values(), key=lambda role: role.rank)
        return self.ranks[[row.code for row in roles].index(role)]

    def places(self, keys: array) -> BitMap:
        """The places of those organizations that have one."""
        return BitMap(self.index.places(keys))

    def holding(self, asked: Asked) -> BitMap:
        """Who holds one membership that answers role, community and evidence together."""
        wanted = [asked.get(name) for name in SEAT_QUESTIONS]
        if not any(wanted):
            return self.everyone
        known = tuple(tuple(sorted(codes or ())) for codes in wanted)
        found = self.held.get(known)
        if found is None:
            found = union(
                bitmap
                for seat, bitmap in self.seats.items()
                if all(not w or code in w for w, code in zip(wanted, seat, strict=True))
            )
            # Facets ask the same few again and again; other threads may be reading.
            if len(self.held) < MOST_HELD:
                self.held[known] = found
        return found

    def being(self, name: str, values: list[str]) -> BitMap:
        """Which members have any of these values."""
        if not values:
            return self.everyone
        options = self.bitmaps[name]
        return union(options[value] for value in values if value in options) & self.everyone

    def answer(self, asked: Asked, but: str = "") -> BitMap:
        """Who answers all questions, leaving one question out."""
        asked = {name: values for name, values in asked.items() if name != but and values}
        found = self.holding(asked)
        for name in ORGANIZATION_QUESTIONS:
            if name in asked:
                found = found & self.being(name, asked[name])
        return found

    def counts(self, name: str, asked: Asked, among: BitMap) -> Callable[[str], int]:
        """How many each option of a question would leave, were it its question's only choice."""
        if name not in SEAT_QUESTIONS:
            found, options = self.answer(asked, but=name) & among, self.bitmaps[name]
            nobody = BitMap()
            return lambda value: options.get(value, nobody).intersection_cardinality(found)
        others = {n: values for n, values in asked.items() if n not in SEAT_QUESTIONS}
        found = self.answer(others) & among
        seats = {n: values for n, values in asked.items() if n in SEAT_QUESTIONS}
        return lambda value: self.holding(seats | {name: [value]}).intersection_cardinality(found)

    def ordered(self, found: BitMap, sort: str, start: int = 0) -> Iterator[int]:
        """The organization ids of these places in that order, from the `start`-th on."""
        if sort in self.index.orders:
            places = self.index.orders[sort].walk(found, start)
        else:
            parts = self.ranks if sort == "seniority" else [found]
            places = in_parts(found, parts, start)
        return (self.keys[place] for place in places)


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    bitmaps = list(bitmaps)
    return BitMap.union(*bitmaps) if bitmaps else BitMap()


def in_parts(found: BitMap, parts: Iterable[BitMap], start: int) -> Iterator[int]:
    """The found places, part by part, each in the order of its numbers."""
    for part in parts:
        here = part & found if part is not found else found
        if start >= len(here):
            start -= len(here)
            continue
        first = here[start]
        yield from here.iter_equal_or_larger(first)
        start = 0
