"""Sorted lists of organization ids, in which a far page is reached without walking to it."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from itertools import accumulate, chain, filterfalse, islice

from pyroaring import BitMap

PART_SIZE = 4096
# Up to so many keys are sorted by their positions; for more, the list is walked part by part.
SORT_LIMIT = 1000
PART_SHIFT = 16
SortKeys = Callable[[Collection[int]], Mapping[int, tuple]]


class SortOrder:
    """Keys in one sort order, in parts with a bitmap each; `positions` gives each key's position.

    Instances are never altered: `replace` makes another that shares the parts that stay.
    """

    def __init__(self, keys: Iterable[int] = ()):
        whole = array("I", keys)
        self.parts = [whole[start : start + PART_SIZE] for start in range(0, len(whole), PART_SIZE)]
        self.parts = self.parts or [whole]
        self.bitmaps = [BitMap(part) for part in self.parts]
        # By key: the number of the part and the index in it, as one integer.
        self.positions = array("I", bytes(4 * (max(whole, default=0) + 1)))
        for number in range(len(self.parts)):
            self._set_positions(number)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.parts)

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def _set_positions(self, number: int) -> None:
        positions = self.positions
        for position, key in enumerate(self.parts[number], number << PART_SHIFT):
            positions[key] = position

    def iterate(self, keys: BitMap, start: int = 0) -> Iterator[int]:
        """Yield these keys in order, from the `start`-th on; all of them must be in the order."""
        if len(keys) <= SORT_LIMIT:
            yield from self._sort(keys)[start:]
            return
        for part, bitmap in zip(self.parts, self.bitmaps, strict=True):
            # Most parts before a far page are only counted.
            count = bitmap.intersection_cardinality(keys)
            if start < count:
                is_few = count <= SORT_LIMIT
                here = self._sort(bitmap & keys) if is_few else filter(keys.__contains__, part)
                yield from islice(here, start, None)
            start = max(0, start - count)

    def _sort(self, keys: BitMap) -> list[int]:
        return sorted(keys, key=self.positions.__getitem__)

    def replace(self, removed: BitMap, added: "SortOrder", sort_keys: SortKeys) -> "SortOrder":
        """Return the same order without the keys removed and with those added.

        A key may be in both. `sort_keys` returns the sort keys of those added and of others.
        """
        order = copy(self)
        order.parts, order.bitmaps = self.parts[:], self.bitmaps[:]
        more = max(0, len(added.positions) - len(self.positions))
        order.positions = self.positions + array("I", bytes(4 * more))
        for number, bitmap in enumerate(self.bitmaps):
            if bitmap.intersect(removed):
                remaining = filterfalse(removed.__contains__, self.parts[number])
                order.parts[number] = array("I", remaining)
                order._update_part(number)
        order._insert(list(added), sort_keys)
        return order

    def _insert(self, added: list[int], sort_keys: SortKeys) -> None:
        indexes = find_insertion_indexes(added, array("I", self), sort_keys)
        starts = list(accumulate(map(len, self.parts[:-1]), initial=0))
        by_part: dict[int, list[tuple[int, int]]] = {}
        for index, key in zip(indexes, added, strict=True):
            number = bisect_right(starts, index) - 1
            by_part.setdefault(number, []).append((index - starts[number], key))
        for number, insertions in by_part.items():
            part = self.parts[number] = self.parts[number][:]
            for inserted, (index, key) in enumerate(insertions):
                part.insert(index + inserted, key)
            self._update_part(number)

    def _update_part(self, number: int) -> None:
        self.bitmaps[number] = BitMap(self.parts[number])
        self._set_positions(number)


def find_insertion_indexes(added: list[int], whole: array, sort_keys: SortKeys) -> list[int]:
    """Return before which index of `whole` each key belongs, by one binary search for all."""
    wanted = sort_keys(added)
    known: dict[int, tuple] = {}
    low, high = dict.fromkeys(added, 0), dict.fromkeys(added, len(whole))
    while remaining := [key for key in added if low[key] < high[key]]:
        middle = {key: (low[key] + high[key]) // 2 for key in remaining}
        known |= sort_keys({whole[index] for index in middle.values()} - known.keys())
        for key, index in middle.items():
            if known[whole[index]] < wanted[key]:
                low[key] = index + 1
            else:
                high[key] = index
    return [low[key] for key in added]
