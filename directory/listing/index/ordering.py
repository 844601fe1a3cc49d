"""An order of a list: every key at its place, a far page reached without walking to it."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from itertools import accumulate, chain, filterfalse, islice

from pyroaring import BitMap

CHUNK = 4096
# So many are sorted by their places; of more, part after part is walked through.
FEW = 1000
SHIFT = 16
SortKeys = Callable[[Collection[int]], Mapping[int, tuple]]


class Order:
    """Keys in one order, in parts, each with its bitmap; `place` tells where a key stands.

    Orders are never altered: `changed` makes another that shares the parts that stay.
    """

    def __init__(self, keys: Iterable[int] = ()):
        whole = array("I", keys)
        self.parts = [whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK)]
        self.parts = self.parts or [whole]
        self.chunks = [BitMap(part) for part in self.parts]
        # The number of the part and the place in it, as one number.
        self.place = array("I", bytes(4 * (max(whole, default=0) + 1)))
        for number in range(len(self.parts)):
            self._place(number)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.parts)

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def _place(self, number: int) -> None:
        place = self.place
        for here, key in enumerate(self.parts[number], number << SHIFT):
            place[key] = here

    def walk(self, found: BitMap, start: int = 0) -> Iterator[int]:
        """The found keys in this order, from the `start`-th on; all of them must stand in it."""
        if len(found) <= FEW:
            yield from self._sorted(found)[start:]
            return
        for part, chunk in zip(self.parts, self.chunks, strict=True):
            # Most parts before a far page are only counted.
            count = chunk.intersection_cardinality(found)
            if start < count:
                few = count <= FEW
                keys = self._sorted(chunk & found) if few else filter(found.__contains__, part)
                yield from islice(keys, start, None)
            start = max(0, start - count)

    def _sorted(self, found: BitMap) -> list[int]:
        return sorted(found, key=self.place.__getitem__)

    def changed(self, gone: BitMap, come: "Order", sort_keys: SortKeys) -> "Order":
        """The same order without those gone and with those come, which may be the same.

        `sort_keys` tells by what keys are sorted: of those come, and of those that stay.
        """
        order = copy(self)
        order.parts, order.chunks = self.parts[:], self.chunks[:]
        more = max(0, len(come.place) - len(self.place))
        order.place = self.place + array("I", bytes(4 * more))
        for number, chunk in enumerate(self.chunks):
            if chunk.intersect(gone):
                order.parts[number] = array("I", filterfalse(gone.__contains__, self.parts[number]))
                order._settle(number)
        order._insert(list(come), sort_keys)
        return order

    def _insert(self, come: list[int], sort_keys: SortKeys) -> None:
        places = located(come, array("I", self), sort_keys)
        starts = list(accumulate(map(len, self.parts[:-1]), initial=0))
        into: dict[int, list[tuple[int, int]]] = {}
        for place, key in zip(places, come, strict=True):
            number = bisect_right(starts, place) - 1
            into.setdefault(number, []).append((place - starts[number], key))
        for number, fresh in into.items():
            part = self.parts[number] = self.parts[number][:]
            for before, (place, key) in enumerate(fresh):
                part.insert(place + before, key)
            self._settle(number)

    def _settle(self, number: int) -> None:
        self.chunks[number] = BitMap(self.parts[number])
        self._place(number)


def located(come: list[int], whole: array, sort_keys: SortKeys) -> list[int]:
    """Before which place each belongs, all sought at once: each step halves what is left."""
    wanted, known = sort_keys(come), {}
    low, high = dict.fromkeys(come, 0), dict.fromkeys(come, len(whole))
    while left := [key for key in come if low[key] < high[key]]:
        middle = {key: (low[key] + high[key]) // 2 for key in left}
        known |= sort_keys({whole[place] for place in middle.values()} - known.keys())
        for key, place in middle.items():
            if known[whole[place]] < wanted[key]:
                low[key] = place + 1
            else:
                high[key] = place
    return [low[key] for key in come]
