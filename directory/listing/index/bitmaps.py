"""The members as roaring bitmaps: who answers a question, counted without the database.

The bitmaps hold organization ids, of all that ever were members. What hangs on the day (who
holds what, and so who is a member) is a `Day` of the `Index`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

from pyroaring import BitMap

from directory.listing.index.intervals import Seat, Tenures
from directory.listing.index.ordering import Order
from directory.listing.index.reference_data import Vocabulary

# These three are asked of one and the same membership; the rest of the organization.
SEAT_QUESTIONS = ("role", "community", "evidence")
ORGANIZATION_QUESTIONS = ("region", "kind", "sector")
SORTS = ("seniority", "pinyin", "name", "region", "newest")
MOST_HELD = 100
MOST_DAYS, MOST_COUNTED = 8, 1000
Asked = dict[str, list[str]]


@dataclass
class Index:
    """All that is asked of organizations, whatever the day."""

    version: int
    vocabulary: Vocabulary
    bitmaps: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    tenures: Tenures = field(default_factory=Tenures)
    days: dict[date, "Day"] = field(default_factory=dict)
    # Whom a query found by names of their own, and by any: asked of the database once.
    hits: dict[str, tuple[BitMap, BitMap]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many organizations ever were members."""
        return len(self.orders["pinyin"])

    def on(self, day: date) -> "Day":
        if day not in self.days:
            self.keep(Day(self, day, self.tenures.on(day)))
        return self.days[day]

    def keep(self, day: "Day") -> None:
        if len(self.days) >= MOST_DAYS:
            self.days.pop(next(iter(self.days)), None)
        self.days[day.day] = day

    def at_year_end(self, year: int) -> "Day":
        """The last day of a recent year; it is not kept, as it comes at no cost."""
        return Day(self, date(year, 12, 31), self.tenures.at_year_end(year))


class Day:
    """The members of one day, and whoever answers a question among them."""

    def __init__(self, index: Index, day: date, seats: dict[Seat, BitMap]):
        self.index, self.day, self.seats = index, day, seats
        self.version, self.vocabulary = index.version, index.vocabulary
        self.bitmaps = index.bitmaps
        self.held: dict[tuple, BitMap] = {}
        self.everyone = union(seats.values())
        self.counted: dict[tuple, dict[str, int]] = {}
        # Entries drawn before, by language and grouping, and within by their keys.
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

    def kept_counts(self, key: tuple, counts: Callable) -> Callable[[str], int]:
        """What `counts()` counts, each once; `key` holds all that it depends on."""
        if len(self.counted) > MOST_COUNTED:
            self.counted.clear()
        known, counts = self.counted.setdefault(key, {}), cache(counts)

        def count(value: str) -> int:
            if value not in known:
                known[value] = counts()(value)
            return known[value]

        return count

    def ordered(self, found: BitMap, sort: str, start: int = 0) -> Iterator[int]:
        """The found organization ids in that order, from the `start`-th on."""
        if sort in self.index.orders:
            yield from self.index.orders[sort].walk(found, start)
            return
        for rank in self.ranks:
            here = rank & found
            if start < len(here):
                yield from self.index.orders["pinyin"].walk(here, start)
            start = max(0, start - len(here))


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    bitmaps = list(bitmaps)
    return BitMap.union(*bitmaps) if bitmaps else BitMap()
