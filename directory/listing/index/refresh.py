"""The renewal: an index in which only what was touched since is read anew."""

from collections.abc import Iterator
from functools import partial

from pyroaring import BitMap

from directory.listing.index.bitmaps import Day, Index
from directory.listing.index.builder import build, sort_keys
from directory.listing.index.reference_data import Vocabulary
from directory.models import DataVersion, Revision, RowChange

# Of more than this it is quicker to read everything, and so after so many of all renewals.
MOST_TOUCHED, MOST_AGAIN = 10_000, 50_000
# What is remembered of everybody hangs on these columns of rows that belong to nobody.
FAR_REACHING = {"source": "dated", "community": "code", "reading": "pinyin"}


def renewed(index: Index) -> Index | None:
    """The index as of now; None if everything must be read for it."""
    version = DataVersion.now()
    changes = RowChange.objects.filter(revision__version__gt=index.version)
    told = Revision.objects.filter(version__gt=index.version, version__lte=version)
    # Every version in between must tell what it changed.
    if version < index.version or told.count() != version - index.version:
        return None
    others = list(changes.filter(organization=None))
    if any(map(_is_far_reaching, others)):
        return None
    touched = BitMap(_touched(changes))
    if len(touched) > MOST_TOUCHED or len(touched | index.tenures.again) > MOST_AGAIN:
        return None
    vocabulary = Vocabulary.read() if others else index.vocabulary
    fresh = build(version, vocabulary, touched)
    return put_into(index, fresh, touched)


def _is_far_reaching(row: RowChange) -> bool:
    if row.noun not in FAR_REACHING:
        return False
    both = row.before is not None and row.after is not None
    return row.noun == "reading" or (both and FAR_REACHING[row.noun] in row.after)


def _touched(changes) -> Iterator[int]:
    for column in ("organization", "formerly"):
        keys = changes.exclude(**{column: None}).order_by().values_list(column, flat=True)
        yield from keys.distinct()[: MOST_TOUCHED + 1]


def put_into(index: Index, fresh: Index, touched: BitMap) -> Index:
    """The index with what is `fresh` in place of all that it said of those touched."""
    found = Index(fresh.version, fresh.vocabulary)
    found.bitmaps = {
        name: _joined(group, fresh.bitmaps[name], touched) for name, group in index.bitmaps.items()
    }
    found.orders = {
        name: order.changed(touched, fresh.orders[name], partial(sort_keys, name))
        for name, order in index.orders.items()
    }
    found.tenures = index.tenures.renewed(fresh.tenures, touched)
    for day in list(index.days.values()):
        found.keep(_day(day, found, fresh, touched))
    return found


def _joined(group: dict[str, BitMap], fresh: dict[str, BitMap], touched: BitMap) -> dict:
    """Untouched bitmaps are shared with the index before."""
    nobody, found = BitMap(), {}
    for value in group.keys() | fresh.keys():
        before, come = group.get(value, nobody), fresh.get(value, nobody)
        now = before - touched | come if come or before.intersect(touched) else before
        if now:
            found[value] = now
    return found


def _day(day: Day, index: Index, fresh: Index, touched: BitMap) -> Day:
    """The same day; what was drawn of those who were not touched is drawn still."""
    seats = _joined(day.seats, fresh.tenures.on(day.day), touched)
    found = Day(index, day.day, seats)
    if index.vocabulary is day.vocabulary:
        for how, cards in list(day.drawn.items()):
            found.drawn[how] = {k: card for k, card in list(cards.items()) if k not in touched}
    return found
