"""The workshop: reads the whole directory, or some organizations of it, into an index."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, compress, count

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower
from pyroaring import BitMap

from directory import codes
from directory.db.columns import columns, numbers, plainly
from directory.db.expressions import Among
from directory.listing.index.bitmaps import Index
from directory.listing.index.intervals import EVER, NEVER, Seat, Span, Spans, Tenures
from directory.listing.index.ordering import Order
from directory.listing.index.reference_data import NONE, Vocabulary
from directory.models import Citation, Membership, Organization, Source

Gathering = dict[str, array]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def build(version: int, vocabulary: Vocabulary, only: Collection[int] | None = None) -> Index:
    """The index of all organizations, or of `only` these."""
    seats = Seats(vocabulary, only)
    rows = _organizations(only)
    keys, kinds, regions = _what_they_are(rows, seats.held)
    ever = BitMap(keys)
    index = Index(version, vocabulary)
    # A tie is broken by the order of pinyin, which ends in the key.
    index.orders = {
        "pinyin": Order(keys),
        "region": Order(chain.from_iterable(regions[code] for code in sorted(regions))),
        "newest": Order(_by(rows, "newest", ever)),
        "name": Order(_by(rows, "name", ever)),
    }
    groups = {"kind": kinds, "region": _rolled_up(regions), "sector": _sectors(ever, only)}
    index.bitmaps = {
        name: {value: BitMap(keys) for value, keys in group.items()}
        for name, group in groups.items()
    }
    index.tenures = Tenures(seats.spans(ever))
    return index


def _gathering() -> dict:
    return defaultdict(lambda: array("I"))


# -- The orders --------------------------------------------------------------


def _expressions() -> dict[str, list]:
    pinyin = [plainly("pinyin"), F("pk")]
    # By English name, by pinyin where there is none.
    latin = Case(When(name_en="", then=plainly("pinyin")), default=Lower(plainly("name_en")))
    return {
        "pinyin": pinyin,
        "region": [plainly(Coalesce("region_id", Value(NONE))), *pinyin],
        "newest": [F("first_published_at"), *pinyin],
        "name": [latin, *pinyin],
    }


def _by(rows: QuerySet, sort: str, ever: BitMap) -> Iterator[int]:
    first, *later = _expressions()[sort]
    order = first.desc() if sort == "newest" else first
    found = numbers(*columns(rows.order_by(order, *later), "id"))
    return compress(found, map(ever.__contains__, found))


def sort_keys(sort: str, keys: Collection[int]) -> dict[int, tuple]:
    """By what these organizations are sorted: as the database compares, so do these."""
    rows = Organization.objects.filter(Among("pk", keys)).order_by()
    told = {f"sorted_{n}": e for n, e in enumerate(_expressions()[sort])}
    found = rows.annotate(**told).values_list("pk", *told)
    return {key: tuple(map(_comparable, values)) for key, *values in found}


def _comparable(value: object) -> object:
    if isinstance(value, datetime):
        # The newest first.
        return -(value - BEGINNING) // timedelta(microseconds=1)
    return value.encode() if isinstance(value, str) else value


# -- What an organization is -------------------------------------------------


def _organizations(only: Collection[int] | None) -> QuerySet:
    rows = Organization.objects.published()
    return rows if only is None else rows.filter(Among("pk", only))


def _what_they_are(rows: QuerySet, held: BitMap) -> tuple[array, Gathering, Gathering]:
    """Those that were ever members, in the order of pinyin, and by kind and by region."""
    column, cells = columns(rows.order_by(*_expressions()["pinyin"]), "id", "kind region_id")
    found = numbers(column)
    ever = bytes(map(held.__contains__, found))
    keys, kinds, regions = array("I", compress(found, ever)), _gathering(), _gathering()
    into = {}
    for key, cell in zip(keys, compress(cells, ever), strict=True):
        if cell not in into:
            kind, region = cell.split(" ")
            into[cell] = kinds[kind].append, regions[region or NONE].append
        of_kind, in_region = into[cell]
        of_kind(key)
        in_region(key)
    return keys, kinds, regions


def _rolled_up(regions: Gathering) -> Gathering:
    """Each region with all that lies below it."""
    found = _gathering()
    for code, keys in regions.items():
        for rung in codes.region_rungs(code) if code != NONE else (NONE,):
            found[rung].extend(keys)
    return found


def _sectors(ever: BitMap, only: Collection[int] | None) -> Gathering:
    """Each organization's sectors and those that hold them: C171 is also C17."""
    chosen, found, placed = _gathering(), _gathering(), BitMap()
    through = Organization.sectors.through.objects.order_by()
    if only is not None:
        through = through.filter(Among("organization", only))
    for key, code in zip(*columns(through, "organization_id", "sector_id"), strict=True):
        chosen[code].append(int(key))
    for code, keys in chosen.items():
        these = BitMap(keys) & ever
        placed |= these
        for length in range(3, len(code) + 1):
            found[code[:length]].extend(these)
    found[NONE].extend(ever - placed)
    return found


# -- What it holds -----------------------------------------------------------


class Seats:
    """All published memberships in the order of their keys: who holds which, since and until."""

    def __init__(self, vocabulary: Vocabulary, only: Collection[int] | None):
        self.communities = {str(row.pk): code for code, row in vocabulary.community.items()}
        rows = Membership.objects.published().order_by()
        if only is not None:
            rows = rows.filter(Among("organization", only))
        seat = "role_id community_id since until"
        keys, organizations, seats = columns(rows, "id", "organization_id", seat)
        self.keys, self.organizations = numbers(keys), numbers(organizations)
        self.held = BitMap(self.organizations)
        self.said = Said(self.keys, every=only is None)
        # The rows of each seat, by their number.
        self.of = _gathering()
        for number, name in enumerate(seats):
            self.of[name].append(number)

    def spans(self, ever: BitMap) -> Spans:
        """Who held which seat of which evidence from which day until which."""
        found: dict[Seat, dict[Span, array]] = defaultdict(_gathering)
        for name, rows in self.of.items():
            role, community, since, until = name.split(" ")
            end = date.fromisoformat(until).toordinal() if until else NEVER
            for start, these in self.said.begun(since, BitMap(rows)):
                for value, those in self.said.by_evidence(these):
                    keys = map(self.organizations.__getitem__, those)
                    # Nothing may tell of a day that only what is not published knows.
                    if keys := array("I", filter(ever.__contains__, keys)):
                        seat = role, self.communities[community], value
                        found[seat][start, end].extend(keys)
        return {seat: dict(spans) for seat, spans in found.items()}


class Said:
    """What citations say of memberships: how well a role is known, and since when at least.

    `every`: these are all memberships that there are.
    """

    def __init__(self, memberships: array, every: bool):
        days = dict(Source.objects.exclude(dated=None).values_list("code", "dated"))
        gathered = _gathering()
        cited = Citation.objects.filter(membership__isnull=False).order_by()
        if not every:
            cited = cited.filter(Among("membership", memberships))
        told = columns(cited, "membership_id", "field evidence source_id")
        for key, words in zip(*told, strict=True):
            gathered[words].append(int(key))
        row_of = dict(zip(memberships, count(), strict=False))
        self.evidence: dict[str, BitMap] = defaultdict(BitMap)
        spoken_of: dict[date, BitMap] = defaultdict(BitMap)
        for words, keys in gathered.items():
            name, value, source = words.split(" ")
            rows = BitMap([row_of[key] for key in keys if key in row_of])
            if name == "role":
                self.evidence[value] |= rows
            if source in days:
                spoken_of[days[source]] |= rows
        self.told = BitMap().union(*self.evidence.values())
        self.spoken_of = sorted(spoken_of.items())

    def begun(self, since: str, memberships: BitMap) -> Iterator[tuple[int, BitMap]]:
        """From which day they are held: an unknown one is the first that a source speaks of."""
        if since:
            yield date.fromisoformat(since).toordinal(), memberships
            return
        for day, these in self.spoken_of:
            if found := memberships & these:
                yield day.toordinal(), found
                memberships -= found
        if memberships:
            yield EVER, memberships

    def by_evidence(self, memberships: BitMap) -> Iterator[tuple[str, BitMap]]:
        """Those of each evidence, several times if several are told; then those of none."""
        for value, these in self.evidence.items():
            if found := memberships & these:
                yield value, found
        if left := memberships - self.told:
            yield NONE, left
