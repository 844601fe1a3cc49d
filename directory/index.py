"""The index of the data as they are now: read once for each data version, then kept."""

import logging
from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from threading import Lock, Thread

from django.db import Error, connection
from django.db.models import Exists, Min, OuterRef
from pyroaring import BitMap

from directory import codes
from directory.bitmaps import NONE, Day, Index, Order, Vocabulary
from directory.models import Citation, DataVersion, Membership, Organization, State
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
    vocabulary = Vocabulary.read()
    rows = sorted(_organizations(), key=lambda row: (row[1], row[0]))
    keys = array("q", (row[0] for row in rows))
    index = Index(version, vocabulary, keys, _bitmaps(rows), _orders(rows), {})
    index.spans = _spans(index)
    return index


def _organizations() -> Iterator[tuple]:
    """`(id, pinyin, kind, region, English name, first published)` of all that were ever members."""
    held = Membership.objects.published().filter(organization=OuterRef("pk"))
    rows = Organization.objects.published().filter(Exists(held)).order_by()
    columns = ("pk", "pinyin", "kind", "region_id", "name_en", "first_published_at")
    return rows.values_list(*columns).iterator(chunk_size=BATCH)


def _bitmaps(rows: list[tuple]) -> dict[str, dict[str, BitMap]]:
    found = {name: defaultdict(list) for name in ("kind", "region", "sector")}
    rungs: dict[str | None, list[str]] = {None: [NONE]}
    sectors = _sectors()
    for place, (key, _pinyin, kind, region, _name, _day) in enumerate(rows):
        found["kind"][kind].append(place)
        if region not in rungs:
            rungs[region] = codes.region_rungs(region)
        for rung in rungs[region]:
            found["region"][rung].append(place)
        for sector in sectors.get(key, (NONE,)):
            found["sector"][sector].append(place)
    return {
        name: {value: BitMap(places) for value, places in options.items()}
        for name, options in found.items()
    }


def _sectors() -> dict[int, set[str]]:
    """Each organization's sectors and those that hold them: C171 is also C17."""
    found = defaultdict(set)
    through = Organization.sectors.through.objects.values_list("organization_id", "sector_id")
    for key, code in through.iterator(chunk_size=BATCH):
        found[key].update(code[:length] for length in range(3, len(code) + 1))
    return found


def _orders(rows: list[tuple]) -> dict[str, Order]:
    """The orders that are not pinyin's; each ends in pinyin and the key, which the places are."""
    keys = {
        "name": [(row[4] or row[1]).casefold() for row in rows],
        "region": [row[3] or "9" for row in rows],
        "newest": [-row[5].timestamp() for row in rows],
    }
    places = range(len(rows))
    return {name: Order(sorted(places, key=order.__getitem__)) for name, order in keys.items()}


def _spans(index: Index) -> dict[tuple[str, str, str], dict[tuple[int, int], BitMap]]:
    evidence = defaultdict(set)
    cited = Citation.objects.filter(membership__isnull=False, field="role").order_by()
    for key, value in cited.values_list("membership_id", "evidence"):
        evidence[key].add(value)
    gathered: dict[tuple, dict[tuple, list[int]]] = defaultdict(lambda: defaultdict(list))
    for key, place, role, community, span in _memberships(index):
        for value in evidence.get(key, (NONE,)):
            gathered[role, community, value][span].append(place)
    return {
        seat: {span: BitMap(places) for span, places in spans.items()}
        for seat, spans in gathered.items()
    }


def _memberships(index: Index) -> Iterator[tuple]:
    """`(id, place, role, community, (since, until))` of every published membership."""
    spoken_of = dict(
        Citation.objects.filter(membership__since=None, source__dated__isnull=False)
        .order_by()
        .values_list("membership")
        .annotate(Min("source__dated"))
    )
    communities = {row.pk: code for code, row in index.vocabulary.community.items()}
    held = Membership.objects.published().filter(organization__state=State.PUBLISHED).order_by()
    columns = ("pk", "organization_id", "role_id", "community_id", "since", "until")
    place_of = index.place_of
    for key, organization, role, community, since, until in held.values_list(*columns).iterator(
        chunk_size=BATCH
    ):
        since = since or spoken_of.get(key)
        span = since.toordinal() if since else EVER, until.toordinal() if until else NEVER
        yield key, place_of[organization], role, communities[community], span
