"""Answer the filters of the member list from roaring bitmaps, without querying the database.

The bitmaps hold the ids of all organizations that ever were members. What depends on the day (who
holds which membership, and so who is a member) is a `DayIndex` of the `MemberIndex`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

from pyroaring import BitMap

from directory.listing.index.intervals import MembershipIntervals, MembershipKey
from directory.listing.index.ordering import SortOrder
from directory.listing.index.reference_data import ReferenceData
from directory.models.membership import counts_undated

# These three are asked of one and the same membership; the others of the organization.
MEMBERSHIP_CRITERIA = ("role", "community", "evidence")
ORGANIZATION_CRITERIA = ("region", "kind", "sector")
SORTS = ("seniority", "pinyin", "name", "region", "newest")
MAX_CACHED_HOLDERS = 100
MAX_DAYS, MAX_CACHED_COUNTS = 8, 1000
# The codes chosen of each filter.
Criteria = dict[str, list[str]]


@dataclass
class MemberIndex:
    """The index of all organizations that ever were members, of one version of the data."""

    version: int
    reference_data: ReferenceData
    bitmaps: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    orders: dict[str, SortOrder] = field(default_factory=dict)
    intervals: MembershipIntervals = field(default_factory=MembershipIntervals)
    # By day, and whether members without a known first day count.
    days: dict[tuple[date, bool], "DayIndex"] = field(default_factory=dict)
    # Who matches a query by names of their own, and by any: searched in the database once.
    query_cache: dict[str, tuple[BitMap, BitMap]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many organizations ever were members."""
        return len(self.orders["pinyin"])

    def get_day(self, day: date, with_undated: bool | None = None) -> "DayIndex":
        """Return the index of this day, built if it is not cached.

        `with_undated`: whether members of whom no first day is known count as members then; by
        default today and later, on no earlier day.
        """
        if with_undated is None:
            with_undated = counts_undated(day)
        if (day, with_undated) not in self.days:
            holders = self.intervals.get_holders(day, with_undated)
            self.cache_day(DayIndex(self, day, holders, with_undated))
        return self.days[day, with_undated]

    def cache_day(self, day_index: "DayIndex") -> None:
        if len(self.days) >= MAX_DAYS:
            self.days.pop(next(iter(self.days)), None)
        self.days[day_index.date, day_index.with_undated] = day_index

    def get_year_end(self, year: int, with_undated: bool) -> "DayIndex":
        """Return the index of a recent year's last day; it is cheap, and so not cached."""
        holders = self.intervals.get_holders_at_year_end(year, with_undated)
        return DayIndex(self, date(year, 12, 31), holders, with_undated)


class DayIndex:
    """The members of one day, by each criterion; `holders` are those of each membership key."""

    def __init__(
        self,
        index: MemberIndex,
        day: date,
        holders: dict[MembershipKey, BitMap],
        with_undated: bool,
    ):
        self.index, self.date, self.holders = index, day, holders
        self.with_undated = with_undated
        self.version, self.reference_data = index.version, index.reference_data
        self.bitmaps = index.bitmaps
        self.members = union(holders.values())
        self._holder_cache: dict[tuple, BitMap] = {}
        self._count_cache: dict[tuple, dict[str, int]] = {}
        # List items rendered before, by language and grouping, and within by organization id.
        self.list_item_cache: dict[tuple, dict] = {}

    @cached_property
    def used_regions(self) -> dict[str, list[str]]:
        """The real regions that have members, by the first two digits; no provinces."""
        regions, used = self.reference_data.region, defaultdict(list)
        for code in self.bitmaps["region"]:
            if code in regions and not regions[code].virtual and not code.endswith("0000"):
                used[code[:2]].append(code)
        return used

    @cached_property
    def ranks(self) -> list[BitMap]:
        """The members by their most senior role, each once, the most senior first."""
        roles = sorted(self.reference_data.role.values(), key=lambda role: role.rank)
        remaining, ranks = self.members.copy(), []
        for role in roles:
            ranks.append(self.get_holders({"role": [role.code]}) & remaining)
            remaining -= ranks[-1]
        return ranks

    def get_members_of_rank(self, role: str) -> BitMap:
        """Return the members of whom this is the most senior role."""
        roles = sorted(self.reference_data.role.values(), key=lambda role: role.rank)
        return self.ranks[[row.code for row in roles].index(role)]

    def get_holders(self, criteria: Criteria) -> BitMap:
        """Return who holds one membership that matches role, community and evidence together."""
        wanted = [criteria.get(name) for name in MEMBERSHIP_CRITERIA]
        if not any(wanted):
            return self.members
        cache_key = tuple(tuple(sorted(codes or ())) for codes in wanted)
        holders = self._holder_cache.get(cache_key)
        if holders is None:
            holders = union(
                bitmap
                for key, bitmap in self.holders.items()
                if all(not w or code in w for w, code in zip(wanted, key, strict=True))
            )
            # Facets ask for the same few again and again; other threads may be reading.
            if len(self._holder_cache) < MAX_CACHED_HOLDERS:
                self._holder_cache[cache_key] = holders
        return holders

    def get_members_with(self, name: str, values: list[str]) -> BitMap:
        """Return the members that have any of these values; all members where there are none."""
        if not values:
            return self.members
        options = self.bitmaps[name]
        return union(options[value] for value in values if value in options) & self.members

    def matching(self, criteria: Criteria, exclude: str = "") -> BitMap:
        """Return the members that match all criteria, leaving out the one named `exclude`."""
        criteria = {n: values for n, values in criteria.items() if n != exclude and values}
        members = self.get_holders(criteria)
        for name in ORGANIZATION_CRITERIA:
            if name in criteria:
                members = members & self.get_members_with(name, criteria[name])
        return members

    def get_counter(self, name: str, criteria: Criteria, within: BitMap) -> Callable[[str], int]:
        """Return a function that counts the members of one option of the criterion `name`.

        It counts how many would match, were the option the criterion's only value.
        """
        if name not in MEMBERSHIP_CRITERIA:
            members, options = self.matching(criteria, exclude=name) & within, self.bitmaps[name]
            nobody = BitMap()
            return lambda value: options.get(value, nobody).intersection_cardinality(members)
        others = {n: values for n, values in criteria.items() if n not in MEMBERSHIP_CRITERIA}
        members = self.matching(others) & within
        same = {n: values for n, values in criteria.items() if n in MEMBERSHIP_CRITERIA}
        return lambda value: self.get_holders(same | {name: [value]}).intersection_cardinality(
            members
        )

    def get_cached_counter(self, key: tuple, get_counter: Callable) -> Callable[[str], int]:
        """Return what `get_counter()` does, caching each count.

        `key` holds everything that the counts depend on.
        """
        if len(self._count_cache) > MAX_CACHED_COUNTS:
            self._count_cache.clear()
        counts, get_counter = self._count_cache.setdefault(key, {}), cache(get_counter)

        def count(value: str) -> int:
            if value not in counts:
                counts[value] = get_counter()(value)
            return counts[value]

        return count

    def iter_sorted(self, members: BitMap, sort: str, start: int = 0) -> Iterator[int]:
        """Yield the ids of these members in sort order, from the `start`-th on."""
        if sort in self.index.orders:
            yield from self.index.orders[sort].iterate(members, start)
            return
        for rank in self.ranks:
            same_rank = rank & members
            if start < len(same_rank):
                yield from self.index.orders["pinyin"].iterate(same_rank, start)
            start = max(0, start - len(same_rank))


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    bitmaps = list(bitmaps)
    return BitMap.union(*bitmaps) if bitmaps else BitMap()
