"""Build the member index: of all organizations, or of some for an incremental update."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, compress, count

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower
from pyroaring import BitMap

from directory import codes
from directory.db.columns import collate_binary, read_columns, to_key_array
from directory.db.expressions import InKeys
from directory.listing.index.bitmaps import MemberIndex
from directory.listing.index.intervals import (
    OPEN_END,
    UNKNOWN_START,
    MembershipIntervals,
    MembershipKey,
    Span,
    Spans,
)
from directory.listing.index.ordering import SortOrder
from directory.listing.index.reference_data import NONE, ReferenceData
from directory.models import Citation, Membership, Organization, Source

KeyLists = dict[str, array]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def build_index(
    version: int, reference_data: ReferenceData, only: Collection[int] | None = None
) -> MemberIndex:
    """Build the index of all organizations, or of `only` these."""
    memberships = MembershipTable(reference_data, only)
    rows = _get_organizations(only)
    keys, kinds, regions = _read_organizations(rows, memberships.holders)
    ever = BitMap(keys)
    index = MemberIndex(version, reference_data)
    # Ties are broken by the order of pinyin, which ends in the key.
    index.orders = {
        "pinyin": SortOrder(keys),
        "region": SortOrder(chain.from_iterable(regions[code] for code in sorted(regions))),
        "newest": SortOrder(_read_sorted_keys(rows, "newest", ever)),
        "name": SortOrder(_read_sorted_keys(rows, "name", ever)),
    }
    groups = {
        "kind": kinds,
        "region": _include_ancestors(regions),
        "sector": _read_sectors(ever, only),
    }
    index.bitmaps = {
        name: {value: BitMap(keys) for value, keys in group.items()}
        for name, group in groups.items()
    }
    index.intervals = MembershipIntervals(memberships.get_spans(ever))
    return index


def _new_key_lists() -> dict:
    return defaultdict(lambda: array("I"))


# -- Sort orders -------------------------------------------------------------


def _get_sort_expressions() -> dict[str, list]:
    pinyin = [collate_binary("pinyin"), F("pk")]
    # By English name, by pinyin where there is none.
    latin = Case(
        When(name_en="", then=collate_binary("pinyin")), default=Lower(collate_binary("name_en"))
    )
    return {
        "pinyin": pinyin,
        "region": [collate_binary(Coalesce("region_id", Value(NONE))), *pinyin],
        "newest": [F("first_published_at"), *pinyin],
        "name": [latin, *pinyin],
    }


def _read_sorted_keys(rows: QuerySet, sort: str, ever: BitMap) -> Iterator[int]:
    first, *others = _get_sort_expressions()[sort]
    order = first.desc() if sort == "newest" else first
    keys = to_key_array(*read_columns(rows.order_by(order, *others), "id"))
    return compress(keys, map(ever.__contains__, keys))


def get_sort_keys(sort: str, keys: Collection[int]) -> dict[int, tuple]:
    """Return what these organizations are sorted by, as values that compare as in the database."""
    rows = Organization.objects.filter(InKeys("pk", keys)).order_by()
    columns = {f"sorted_{n}": e for n, e in enumerate(_get_sort_expressions()[sort])}
    sort_keys = rows.annotate(**columns).values_list("pk", *columns)
    return {key: tuple(map(_to_comparable, values)) for key, *values in sort_keys}


def _to_comparable(value: object) -> object:
    if isinstance(value, datetime):
        # The newest first.
        return -(value - EPOCH) // timedelta(microseconds=1)
    return value.encode() if isinstance(value, str) else value


# -- Organizations -----------------------------------------------------------


def _get_organizations(only: Collection[int] | None) -> QuerySet:
    rows = Organization.objects.published()
    return rows if only is None else rows.filter(InKeys("pk", only))


def _read_organizations(rows: QuerySet, holders: BitMap) -> tuple[array, KeyLists, KeyLists]:
    """Return those that were ever members, in the order of pinyin, and by kind and by region."""
    column, cells = read_columns(
        rows.order_by(*_get_sort_expressions()["pinyin"]), "id", "kind region_id"
    )
    all_keys = to_key_array(column)
    ever = bytes(map(holders.__contains__, all_keys))
    keys, kinds, regions = array("I", compress(all_keys, ever)), _new_key_lists(), _new_key_lists()
    appenders = {}
    for key, cell in zip(keys, compress(cells, ever), strict=True):
        if cell not in appenders:
            kind, region = cell.split(" ")
            appenders[cell] = kinds[kind].append, regions[region or NONE].append
        append_to_kind, append_to_region = appenders[cell]
        append_to_kind(key)
        append_to_region(key)
    return keys, kinds, regions


def _include_ancestors(regions: KeyLists) -> KeyLists:
    """Return the organizations of each region with those of all regions below it."""
    by_ancestor = _new_key_lists()
    for code, keys in regions.items():
        for each in codes.get_region_path(code) if code != NONE else (NONE,):
            by_ancestor[each].extend(keys)
    return by_ancestor


def _read_sectors(ever: BitMap, only: Collection[int] | None) -> KeyLists:
    """Return the organizations of each sector, those of its subsectors included: C171 is C17."""
    chosen, by_sector, classified = _new_key_lists(), _new_key_lists(), BitMap()
    through = Organization.sectors.through.objects.order_by()
    if only is not None:
        through = through.filter(InKeys("organization", only))
    for key, code in zip(*read_columns(through, "organization_id", "sector_id"), strict=True):
        chosen[code].append(int(key))
    for code, keys in chosen.items():
        members = BitMap(keys) & ever
        classified |= members
        for length in range(3, len(code) + 1):
            by_sector[code[:length]].extend(members)
    by_sector[NONE].extend(ever - classified)
    return by_sector


# -- Memberships -------------------------------------------------------------


class MembershipTable:
    """All published memberships in the order of their keys: who holds which, since and until.

    Bitmaps here hold row numbers of this table, unless they are called keys or organizations.
    """

    def __init__(self, reference_data: ReferenceData, only: Collection[int] | None):
        self.communities = {str(row.pk): code for code, row in reference_data.community.items()}
        rows = Membership.objects.published().order_by()
        if only is not None:
            rows = rows.filter(InKeys("organization", only))
        cell = "role_id community_id since until"
        keys, organizations, cells = read_columns(rows, "id", "organization_id", cell)
        self.keys, self.organizations = to_key_array(keys), to_key_array(organizations)
        self.holders = BitMap(self.organizations)
        self.citations = CitationTable(self.keys, every=only is None)
        # The row numbers by the cell, which is the same for many.
        self.rows_by_cell = _new_key_lists()
        for number, text in enumerate(cells):
            self.rows_by_cell[text].append(number)

    def get_spans(self, ever: BitMap) -> Spans:
        """Return who held which role with which evidence, from which day until which."""
        spans: dict[MembershipKey, dict[Span, array]] = defaultdict(_new_key_lists)
        for cell, numbers in self.rows_by_cell.items():
            role, community, since, until = cell.split(" ")
            end = date.fromisoformat(until).toordinal() if until else OPEN_END
            for start, started in self.citations.split_by_start(since, BitMap(numbers)):
                for evidence, rows in self.citations.split_by_evidence(started):
                    organizations = map(self.organizations.__getitem__, rows)
                    # A day that only unpublished organizations know of may not be disclosed.
                    if keys := array("I", filter(ever.__contains__, organizations)):
                        key = role, self.communities[community], evidence
                        spans[key][start, end].extend(keys)
        return {key: dict(by_span) for key, by_span in spans.items()}


class CitationTable:
    """What citations say of memberships: the evidence of a role, and the earliest known day.

    `every`: these are all memberships that there are.
    """

    def __init__(self, memberships: array, every: bool):
        dated = Source.objects.exclude(dated=None).values_list("code", "dated")
        days = {code: day for code, day in dated if day}
        by_cell = _new_key_lists()
        rows = Citation.objects.speaking("membership").order_by()
        if not every:
            rows = rows.filter(InKeys("membership", memberships))
        cells = read_columns(rows, "membership_id", "field evidence source_id")
        for key, cell in zip(*cells, strict=True):
            by_cell[cell].append(int(key))
        row_numbers = dict(zip(memberships, count(), strict=False))
        self.evidence: dict[str, BitMap] = defaultdict(BitMap)
        by_day: dict[date, BitMap] = defaultdict(BitMap)
        for cell, keys in by_cell.items():
            name, evidence, source = cell.split(" ")
            numbers = BitMap([row_numbers[key] for key in keys if key in row_numbers])
            if name == "role":
                self.evidence[evidence] |= numbers
            if source in days:
                by_day[days[source]] |= numbers
        self.with_evidence = BitMap().union(*self.evidence.values())
        self.by_day = sorted(by_day.items())

    def split_by_start(self, since: str, memberships: BitMap) -> Iterator[tuple[int, BitMap]]:
        """Yield the memberships by their first day.

        An unknown one is the date of the first source that cites the membership.
        """
        if since:
            yield date.fromisoformat(since).toordinal(), memberships
            return
        for day, cited in self.by_day:
            if started := memberships & cited:
                yield day.toordinal(), started
                memberships -= started
        if memberships:
            yield UNKNOWN_START, memberships

    def split_by_evidence(self, memberships: BitMap) -> Iterator[tuple[str, BitMap]]:
        """Yield those of each evidence, several times if they have several; then those of none."""
        for evidence, cited in self.evidence.items():
            if matching := memberships & cited:
                yield evidence, matching
        if remaining := memberships - self.with_evidence:
            yield NONE, remaining
