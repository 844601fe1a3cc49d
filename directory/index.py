"""Who answers which question, in memory: order and counts at any size.

Each option of each question is a roaring bitmap over the members' places in the order of
seniority. An index belongs to one data version and one day; it is built anew when either
changes, and asked without touching the database.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce
from operator import or_
from threading import Lock

from pyroaring import BitMap

from directory import codes
from directory.models import (
    Citation,
    Community,
    DataVersion,
    Membership,
    Organization,
    Region,
    Role,
    Sector,
    State,
)
from directory.models.membership import today

NONE = "none"
# These three are asked of one and the same membership; the rest of the organization.
SEAT_QUESTIONS = ("role", "community", "evidence")
ORGANIZATION_QUESTIONS = ("region", "kind", "sector")
Asked = dict[str, list[str]]


@dataclass
class Vocabulary:
    """The rows that questions are asked about, by their codes, in their own order."""

    role: dict[str, Role]
    community: dict[str, Community]
    region: dict[str, Region]
    sector: dict[str, Sector]

    @classmethod
    def read(cls) -> "Vocabulary":
        return cls(
            role={row.code: row for row in Role.objects.all()},
            community={row.code: row for row in Community.objects.select_related("region")},
            region={row.code: row for row in Region.objects.all()},
            sector={row.code: row for row in Sector.objects.all()},
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

    def path(self, code: str | None) -> list[Region]:
        """The real regions on the way down to this one."""
        rungs = codes.region_rungs(code) if code else []
        found = [self.region[rung] for rung in rungs if rung in self.region]
        return [row for row in found if not row.virtual]


@dataclass
class Index:
    """The members of one day: their order, and a bitmap for each option."""

    version: int
    day: date
    vocabulary: Vocabulary
    keys: array = field(default_factory=lambda: array("q"))
    bitmaps: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    seats: dict[tuple[str, str, str], BitMap] = field(default_factory=dict)
    orders: dict[str, array] = field(default_factory=dict)
    place_of: array = field(default_factory=lambda: array("q"))

    @cached_property
    def everyone(self) -> BitMap:
        return BitMap(range(len(self.keys)))

    def places(self, keys: Iterable[int]) -> BitMap:
        """The places of those organizations that are members."""
        most = len(self.place_of)
        found = (self.place_of[key] for key in keys if key < most)
        return BitMap(place for place in found if place >= 0)

    def holding(self, asked: Asked) -> BitMap:
        """Who holds one membership that answers role, community and evidence together."""
        wanted = [asked.get(name) for name in SEAT_QUESTIONS]
        if not any(wanted):
            return self.everyone
        fitting = (
            bitmap
            for combination, bitmap in self.seats.items()
            if all(not w or c in w for w, c in zip(wanted, combination, strict=True))
        )
        return reduce(or_, fitting, BitMap())

    def being(self, name: str, values: list[str]) -> BitMap:
        """Who has any of these values."""
        if not values:
            return self.everyone
        options = self.bitmaps[name]
        return reduce(or_, (options.get(value, BitMap()) for value in values), BitMap())

    def answer(self, asked: Asked, but: str = "") -> BitMap:
        """Who answers all questions, leaving one question out."""
        asked = {name: values for name, values in asked.items() if name != but}
        found = self.holding(asked)
        for name in ORGANIZATION_QUESTIONS:
            found = found & self.being(name, asked.get(name, []))
        return found

    def counts(self, name: str, asked: Asked, among: BitMap) -> Callable[[str], int]:
        """How many each option of a question would leave, were it its question's only choice."""
        if name not in SEAT_QUESTIONS:
            found = self.answer(asked, but=name) & among
            options = self.bitmaps[name]
            return lambda value: (
                options[value].intersection_cardinality(found) if (value in options) else 0
            )
        others = {n: v for n, v in asked.items() if n not in SEAT_QUESTIONS}
        found = self.answer(others) & among
        seats = {n: v for n, v in asked.items() if n in SEAT_QUESTIONS}
        return lambda value: self.holding(seats | {name: [value]}).intersection_cardinality(found)

    def ordered(self, found: BitMap, sort: str) -> Iterator[int]:
        """The organization ids of these places, in that order."""
        if sort == "seniority":
            return (self.keys[place] for place in found)
        return (self.keys[place] for place in self.orders[sort] if place in found)


# -- Building ----------------------------------------------------------------


@dataclass
class _Row:
    key: int
    kind: str
    region: str
    pinyin: str
    latin: str
    published: float
    rank: int = 10**6
    seats: set = field(default_factory=set)


def _rows(day: date, vocabulary: Vocabulary) -> dict[int, _Row]:
    """Every member of that day with the memberships it holds then."""
    evidence = defaultdict(set)
    cited = Citation.objects.filter(membership__isnull=False, field="role").order_by()
    for key, value in cited.values_list("membership_id", "evidence"):
        evidence[key].add(value)
    communities = {row.pk: code for code, row in vocabulary.community.items()}
    held = Membership.objects.current(day).filter(organization__state=State.PUBLISHED).order_by()
    rows: dict[int, _Row] = {}
    columns = ("kind", "region_id", "pinyin", "name_en", "first_published_at")
    for key, role, community, organization, *about in held.values_list(
        "pk",
        "role_id",
        "community_id",
        "organization_id",
        *(f"organization__{name}" for name in columns),
    ).iterator(chunk_size=5000):
        row = rows.get(organization)
        if row is None:
            kind, region, pinyin, name_en, published = about
            row = _Row(
                organization,
                kind,
                region or "",
                pinyin,
                (name_en or pinyin).casefold(),
                published.timestamp(),
            )
            rows[organization] = row
        row.rank = min(row.rank, vocabulary.role[role].rank)
        for value in evidence.get(key) or (NONE,):
            row.seats.add((role, communities[community], value))
    return rows


ORDERS: dict[str, Callable[[_Row], tuple]] = {
    "pinyin": lambda row: (row.pinyin, row.key),
    "name": lambda row: (row.latin, row.key),
    "region": lambda row: (row.region or "9", row.rank, row.pinyin, row.key),
    "newest": lambda row: (-row.published, row.key),
}
SORTS = ("seniority", *ORDERS)


def build(version: int, day: date) -> Index:
    vocabulary = Vocabulary.read()
    rows = sorted(_rows(day, vocabulary).values(), key=lambda row: (row.rank, row.pinyin, row.key))
    index = Index(version, day, vocabulary, keys=array("q", (row.key for row in rows)))
    index.place_of = array("q", [-1]) * (max(index.keys, default=0) + 1)
    for place, key in enumerate(index.keys):
        index.place_of[key] = place
    _fill(index, rows)
    for name, key in ORDERS.items():
        order = sorted(range(len(rows)), key=lambda place, key=key: key(rows[place]))
        index.orders[name] = array("I", order)
    return index


def _fill(index: Index, rows: list[_Row]) -> None:
    gathered: dict[str, dict[str, list[int]]] = {
        name: defaultdict(list) for name in ORGANIZATION_QUESTIONS
    }
    seats = defaultdict(list)
    sectors = _sectors()
    for place, row in enumerate(rows):
        gathered["kind"][row.kind].append(place)
        for rung in codes.region_rungs(row.region) if row.region else (NONE,):
            gathered["region"][rung].append(place)
        for code in sectors.get(row.key, (NONE,)):
            gathered["sector"][code].append(place)
        for seat in row.seats:
            seats[seat].append(place)
    index.bitmaps = {
        name: {value: BitMap(places) for value, places in options.items()}
        for name, options in gathered.items()
    }
    index.seats = {seat: BitMap(places) for seat, places in seats.items()}


def _sectors() -> dict[int, set[str]]:
    """Each organization's sectors and those that hold them: C171 is also C17."""
    found = defaultdict(set)
    through = Organization.sectors.through.objects.values_list("organization_id", "sector_id")
    for key, code in through.iterator(chunk_size=5000):
        found[key] |= {code[:length] for length in range(3, len(code) + 1)}
    return found


# -- Keeping -----------------------------------------------------------------

MOST_KEPT = 4
_kept: dict[tuple[int, date], Index] = {}
_building = Lock()


def current(on: date | None = None) -> Index:
    """The index of the data as they are now, for that day."""
    wanted = DataVersion.now(), on or today()
    index = _kept.get(wanted)
    if index is None:
        with _building:
            index = _kept.get(wanted)
            if index is None:
                index = build(*wanted)
                _keep(wanted, index)
    return index


def _keep(wanted: tuple[int, date], index: Index) -> None:
    for old in [key for key in _kept if key[0] != wanted[0]]:
        del _kept[old]
    while len(_kept) >= MOST_KEPT:
        del _kept[next(iter(_kept))]
    _kept[wanted] = index


def forget() -> None:
    """Drop what is kept: for tests, whose rollbacks turn the data version back."""
    _kept.clear()
