"""The index of the data as they are now: read once for each data version, then kept."""

import logging
from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain, groupby
from operator import itemgetter
from threading import Lock, Thread

from django.db import Error, connection
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.db.models.functions import Collate, Lower
from pyroaring import BitMap

from directory import codes, search
from directory.asking.bitmaps import NONE, Day, Index, Order, Vocabulary
from directory.models import Citation, DataVersion, Membership, Organization
from directory.models.membership import today

BATCH = 5000
EVER, NEVER = date.min.toordinal(), date.max.toordinal() + 1
_kept: list[Index] = []
_building, _renewing = Lock(), Lock()
LARGE = 100_000
logger = logging.getLogger(__name__)


def current(on: date | None = None) -> Day:
    """The members of that day (today), by the data as they are now.

    Up to `LARGE` organizations an edit is in it on the next question. Above, the questions go on
    being answered from the index before, until the new one is built behind them.
    """
    version = DataVersion.now()
    found = _kept[0] if _kept else None
    if found is None or found.version != version:
        if found is not None and len(found.keys) > LARGE:
            renew_behind()
        else:
            found = renewed(version)
    return found.on(on or today())


def renewed(version: int) -> Index:
    with _building:
        if not _kept or _kept[0].version != version:
            _kept[:] = [build(version)]
        return _kept[0]


def renew_behind() -> None:
    """Build the new index in a thread of its own, unless one is at it already."""
    if _renewing.acquire(blocking=False):
        Thread(target=_renew, name="index", daemon=True).start()


def _renew() -> None:
    try:
        renewed(DataVersion.now())
    except Error:
        logger.exception("The index could not be renewed; the next question tries again.")
    finally:
        connection.close()
        _renewing.release()


def forget() -> None:
    """Drop what is kept: for tests, whose rollbacks turn the data version back."""
    _kept.clear()


def build(version: int) -> Index:
    """Read the whole directory, row by row: a million organizations never stand in memory."""
    search.read_corrections()
    vocabulary = Vocabulary.read()
    keys, found = array("q"), _gathering("kind", "region", "sector")
    for place, (key, kind, region) in enumerate(_organizations()):
        keys.append(key)
        found["kind"][kind].append(place)
        found["region"][region or NONE].append(place)
    index = Index(version, vocabulary, keys, {}, {}, {})
    # A tie is broken by the place, which is the order of pinyin and ends in the key.
    index.orders = {
        "region": Order(chain.from_iterable(found["region"][c] for c in sorted(found["region"]))),
        "newest": Order(index.place_of[key] for key in _newest() if index.has(key)),
        "name": Order(index.place_of[key] for key in _by_name() if index.has(key)),
    }
    _add_sectors(found["sector"], index)
    found["region"] = _rolled_up(found["region"])
    index.bitmaps = {
        name: {value: BitMap(places) for value, places in options.items()}
        for name, options in found.items()
    }
    index.spans = _spans(index)
    return index


def _places() -> array:
    return array("I")


def _gathering(*names: str) -> dict[str, dict[str, array]]:
    return {name: defaultdict(_places) for name in names}


def _published() -> QuerySet:
    """All that were ever members: their published memberships bring them a place."""
    held = Membership.objects.published().filter(organization=OuterRef("pk"))
    return Organization.objects.published().filter(Exists(held))


def plainly(expression: str) -> Collate:
    """Compared character by character, so that both engines order alike."""
    return Collate(expression, "C" if connection.vendor == "postgresql" else "BINARY")


def _organizations() -> Iterator[tuple]:
    """`(id, kind, region)` in the order of pinyin."""
    rows = _published().order_by(plainly("pinyin"), "pk")
    return rows.values_list("pk", "kind", "region_id").iterator(chunk_size=BATCH)


def _newest() -> Iterator[int]:
    rows = _published().order_by("-first_published_at", plainly("pinyin"), "pk")
    return rows.values_list("pk", flat=True).iterator(chunk_size=BATCH)


def _by_name() -> Iterator[int]:
    """The ids by English name, by pinyin where there is none."""
    latin = Case(When(name_en="", then=plainly("pinyin")), default=Lower(plainly("name_en")))
    rows = _published().order_by(latin, plainly("pinyin"), "pk")
    return rows.values_list("pk", flat=True).iterator(chunk_size=BATCH)


def _rolled_up(regions: dict[str, array]) -> dict[str, array]:
    """Each region with all that lies below it."""
    found = defaultdict(_places)
    for code, places in regions.items():
        for rung in codes.region_rungs(code) if code != NONE else (NONE,):
            found[rung].extend(places)
    return found


def _add_sectors(found: dict[str, array], index: Index) -> None:
    """Each organization's sectors and those that hold them: C171 is also C17."""
    through = Organization.sectors.through.objects.values_list("organization_id", "sector_id")
    placed = BitMap()
    for key, code in through.iterator(chunk_size=BATCH):
        if index.has(key):
            place = index.place_of[key]
            placed.add(place)
            for length in range(3, len(code) + 1):
                found[code[:length]].append(place)
    found[NONE].extend(BitMap(range(len(index.keys))) - placed)


def _spans(index: Index) -> dict[tuple[str, str, str], dict[tuple[int, int], BitMap]]:
    """Who held which seat of which evidence from which day until which."""
    gathered: dict[tuple, dict[tuple, array]] = defaultdict(lambda: defaultdict(_places))
    communities = {row.pk: code for code, row in index.vocabulary.community.items()}
    for (organization, role, community, since, until), evidence, spoken_of in _memberships():
        if not index.has(organization):
            continue
        since = since or spoken_of
        span = since.toordinal() if since else EVER, until.toordinal() if until else NEVER
        for value in evidence or (NONE,):
            seat = role, communities[community], value
            gathered[seat][span].append(index.place_of[organization])
    return {
        seat: {span: BitMap(places) for span, places in spans.items()}
        for seat, spans in gathered.items()
    }


def _memberships() -> Iterator[tuple[tuple, set[str], date | None]]:
    """Each published membership, its role's evidence, and the earliest day that speaks of it.

    Memberships and citations are read side by side, both in the order of the membership.
    """
    held = Membership.objects.published().order_by("pk")
    columns = ("pk", "organization_id", "role_id", "community_id", "since", "until")
    cited = Citation.objects.filter(membership__isnull=False).order_by("membership_id")
    told = cited.values_list("membership_id", "field", "evidence", "source__dated")
    said = groupby(told.iterator(chunk_size=BATCH), key=itemgetter(0))
    about, group = next(said, (None, ()))
    for key, *row in held.values_list(*columns).iterator(chunk_size=BATCH):
        while about is not None and about < key:
            about, group = next(said, (None, ()))
        facts = list(group) if about == key else []
        evidence = {value for _key, field, value, _day in facts if field == "role"}
        days = [day for *_fact, day in facts if day]
        yield tuple(row), evidence, min(days, default=None)
