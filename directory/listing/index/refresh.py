"""Incremental update of the member index: only organizations changed since are read again."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import TypeVar, cast

from django.db.models import QuerySet
from pyroaring import BitMap

from directory.listing.index.bitmaps import DayIndex, MemberIndex
from directory.listing.index.builder import build_index, get_sort_keys
from directory.listing.index.reference_data import ReferenceData
from directory.models import DataVersion, Revision, RowChange

Key = TypeVar("Key")
# With more changes it is quicker to read everything, and so after so many of all updates.
MAX_CHANGED, MAX_CHANGED_IN_ALL = 10_000, 50_000
# Columns of rows that belong to no organization, on which the index of every one depends.
REBUILD_COLUMNS = {"source": "dated", "community": "code", "reading": "pinyin"}


def refresh_index(index: MemberIndex) -> MemberIndex | None:
    """Return the index as of now; None if everything must be read for it."""
    version = DataVersion.get_current()
    changes = RowChange.objects.filter(revision__version__gt=index.version)
    revisions = Revision.objects.filter(version__gt=index.version, version__lte=version)
    # Every version in between must have a revision that tells what it changed.
    if version < index.version or revisions.count() != version - index.version:
        return None
    others = list(changes.filter(organization=None))
    if any(map(_requires_rebuild, others)):
        return None
    changed = BitMap(_get_changed_keys(changes))
    if len(changed) > MAX_CHANGED or len(changed | index.intervals.changed) > MAX_CHANGED_IN_ALL:
        return None
    reference_data = ReferenceData.load() if others else index.reference_data
    fresh = build_index(version, reference_data, cast("Collection[int]", changed))
    return merge_index(index, fresh, changed)


def _requires_rebuild(row: RowChange) -> bool:
    if row.noun not in REBUILD_COLUMNS:
        return False
    if row.noun == "reading":
        return True
    return (
        row.before is not None
        and row.after is not None
        and (REBUILD_COLUMNS[row.noun] in row.after)
    )


def _get_changed_keys(changes: QuerySet[RowChange]) -> Iterator[int]:
    for column in ("organization", "formerly"):
        keys = changes.exclude(**{column: None}).order_by().values_list(column, flat=True)
        yield from keys.distinct()[: MAX_CHANGED + 1]


def merge_index(index: MemberIndex, fresh: MemberIndex, changed: BitMap) -> MemberIndex:
    """Return the index with `fresh` in place of all that it holds of the organizations changed."""
    merged = MemberIndex(fresh.version, fresh.reference_data)
    merged.bitmaps = {
        name: _merge_bitmaps(group, fresh.bitmaps[name], changed)
        for name, group in index.bitmaps.items()
    }
    merged.orders = {
        name: order.replace(changed, fresh.orders[name], partial(get_sort_keys, name))
        for name, order in index.orders.items()
    }
    merged.intervals = index.intervals.replace(fresh.intervals, changed)
    for day_index in list(index.days.values()):
        merged.cache_day(_merge_day(day_index, merged, fresh, changed))
    return merged


def _merge_bitmaps(
    group: dict[Key, BitMap], fresh: dict[Key, BitMap], changed: BitMap
) -> dict[Key, BitMap]:
    """Merge the bitmaps of one group; those without changes are shared with the old index."""
    nobody, merged = BitMap(), {}
    for value in group.keys() | fresh.keys():
        before, added = group.get(value, nobody), fresh.get(value, nobody)
        after = before - changed | added if added or before.intersect(changed) else before
        if after:
            merged[value] = after
    return merged


def _merge_day(
    day_index: DayIndex, index: MemberIndex, fresh: MemberIndex, changed: BitMap
) -> DayIndex:
    """Return the same day of the new index; cached list items of unchanged members are kept."""
    day = day_index.date
    with_undated = day_index.with_undated
    holders = fresh.intervals.get_holders(day, with_undated)
    holders = _merge_bitmaps(day_index.holders, holders, changed)
    merged = DayIndex(index, day, holders, with_undated)
    if index.reference_data is day_index.reference_data:
        for how, items in list(day_index.list_item_cache.items()):
            unchanged = {key: item for key, item in list(items.items()) if key not in changed}
            merged.list_item_cache[how] = unchanged
    return merged
