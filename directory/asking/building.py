"""The workshop: reads the whole directory into an index.

The database gathers each column into one text: a million rows come so several times faster than
one by one, and while the database works, other threads do too.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, compress, count

from django.db import connection
from django.db.models import Case, QuerySet, When
from django.db.models.functions import Collate, Lower
from pyroaring import BitMap

from directory import codes
from directory.asking.bitmaps import NONE, Index, Order, Vocabulary
from directory.models import Citation, Membership, Organization, Source

EVER, NEVER = date.min.toordinal(), date.max.toordinal() + 1
GATHERED = {"sqlite": "group_concat({})", "postgresql": "string_agg({}, ',')"}
# Characters of a gathered text that are taken apart at once.
SLICE = 100_000
Gathering = dict[str, array]
Seat = tuple[str, str, str]
Span = tuple[int, int]


def build(version: int) -> Index:
    vocabulary = Vocabulary.read()
    seats = Seats(vocabulary)
    keys, kinds, regions = _organizations(seats.held)
    index = Index(version, vocabulary, keys)
    # A tie is broken by the place, which is the order of pinyin and ends in the key.
    index.orders = {
        "region": Order(chain.from_iterable(regions[code] for code in sorted(regions))),
        "newest": Order(index.places(_newest())),
        "name": Order(index.places(_by_name())),
    }
    groups = {"kind": kinds, "region": _rolled_up(regions), "sector": _sectors(index)}
    index.bitmaps = {
        name: {value: BitMap(places) for value, places in group.items()}
        for name, group in groups.items()
    }
    index.spans = seats.spans(index)
    return index


def _gathering() -> dict:
    return defaultdict(lambda: array("I"))


# -- Reading -----------------------------------------------------------------


def _columns(found: QuerySet, *wanted: str) -> list[Iterator[str]]:
    """Columns of what is found, or several of them in one, divided by spaces, as text."""
    names = [name for several in wanted for name in several.split()]
    query, params = found.values_list(*names).query.sql_with_params()
    cells = ", ".join(_gathered(several.split()) for several in wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {cells} FROM ({query}) AS found", params)
        return [_cells(text) for text in cursor.fetchone()]


def _gathered(names: list[str]) -> str:
    cells = (f"coalesce(CAST({connection.ops.quote_name(n)} AS text), '')" for n in names)
    return GATHERED[connection.vendor].format(" || ' ' || ".join(cells))


def _cells(text: str | None) -> Iterator[str]:
    return chain.from_iterable(_slices(text)) if text is not None else iter(())


def _slices(text: str) -> Iterator[list[str]]:
    start = 0
    while start <= len(text):
        end = text.find(",", start + SLICE)
        end = len(text) if end < 0 else end
        yield text[start:end].split(",")
        start = end + 1


def _numbers(cells: Iterable[str]) -> array:
    return array("I", map(int, cells))


def plainly(expression: str) -> Collate:
    """Compared character by character, so that both engines order alike."""
    return Collate(expression, "C" if connection.vendor == "postgresql" else "BINARY")


def _newest() -> array:
    rows = Organization.objects.published()
    rows = rows.order_by("-first_published_at", plainly("pinyin"), "pk")
    return _numbers(*_columns(rows, "id"))


def _by_name() -> array:
    """The keys by English name, by pinyin where there is none."""
    latin = Case(When(name_en="", then=plainly("pinyin")), default=Lower(plainly("name_en")))
    rows = Organization.objects.published().order_by(latin, plainly("pinyin"), "pk")
    return _numbers(*_columns(rows, "id"))


# -- What an organization is -------------------------------------------------


def _organizations(held: BitMap) -> tuple[array, Gathering, Gathering]:
    """Those that were ever members, in the order of pinyin, and their places by kind and region."""
    rows = Organization.objects.published().order_by(plainly("pinyin"), "pk")
    column, cells = _columns(rows, "id", "kind region_id")
    found = _numbers(column)
    ever = bytes(map(held.__contains__, found))
    keys, both = array("I", compress(found, ever)), _gathering()
    for place, cell in enumerate(compress(cells, ever)):
        both[cell].append(place)
    kinds, regions = _gathering(), _gathering()
    for cell, places in both.items():
        kind, region = cell.split(" ")
        kinds[kind].extend(places)
        regions[region or NONE].extend(places)
    return keys, kinds, {code: array("I", sorted(regions[code])) for code in regions}


def _rolled_up(regions: Gathering) -> Gathering:
    """Each region with all that lies below it."""
    found = _gathering()
    for code, places in regions.items():
        for rung in codes.region_rungs(code) if code != NONE else (NONE,):
            found[rung].extend(places)
    return found


def _sectors(index: Index) -> Gathering:
    """Each organization's sectors and those that hold them: C171 is also C17."""
    chosen, found, placed = _gathering(), _gathering(), BitMap()
    through = Organization.sectors.through.objects.order_by()
    for key, code in zip(*_columns(through, "organization_id", "sector_id"), strict=True):
        chosen[code].append(int(key))
    for code, keys in chosen.items():
        places = index.places(keys)
        placed |= BitMap(places)
        for length in range(3, len(code) + 1):
            found[code[:length]].extend(places)
    found[NONE].extend(BitMap(range(len(index.keys))) - placed)
    return found


# -- What it holds -----------------------------------------------------------


class Seats:
    """All published memberships in the order of their keys: who holds which, since and until."""

    def __init__(self, vocabulary: Vocabulary):
        self.communities = {str(row.pk): code for code, row in vocabulary.community.items()}
        rows = Membership.objects.published().order_by()
        seat = "role_id community_id since until"
        keys, organizations, seats = _columns(rows, "id", "organization_id", seat)
        self.keys, self.organizations = _numbers(keys), _numbers(organizations)
        self.held = BitMap(self.organizations)
        # The rows of each seat, by their number.
        self.of = _gathering()
        for number, name in enumerate(seats):
            self.of[name].append(number)

    def spans(self, index: Index) -> dict[Seat, dict[Span, array]]:
        """Who held which seat of which evidence from which day until which."""
        found: dict[Seat, dict[Span, array]] = defaultdict(_gathering)
        said = Said(self.keys)
        for name, rows in self.of.items():
            role, community, since, until = name.split(" ")
            end = date.fromisoformat(until).toordinal() if until else NEVER
            for start, these in said.begun(since, BitMap(rows)):
                for value, those in said.by_evidence(these):
                    keys = array("I", map(self.organizations.__getitem__, those))
                    # Nothing may tell of a day that only what is not published knows.
                    if places := index.places(keys):
                        seat = role, self.communities[community], value
                        found[seat][start, end].extend(places)
        return {seat: dict(spans) for seat, spans in found.items()}


class Said:
    """What citations say of memberships: how well a role is known, and since when at least."""

    def __init__(self, memberships: array):
        days = dict(Source.objects.exclude(dated=None).values_list("code", "dated"))
        gathered = _gathering()
        cited = Citation.objects.filter(membership__isnull=False).order_by()
        columns = _columns(cited, "membership_id", "field evidence source_id")
        for key, told in zip(*columns, strict=True):
            gathered[told].append(int(key))
        row_of = dict(zip(memberships, count(), strict=False))
        self.evidence: dict[str, BitMap] = defaultdict(BitMap)
        spoken_of: dict[date, BitMap] = defaultdict(BitMap)
        for told, keys in gathered.items():
            name, value, source = told.split(" ")
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
