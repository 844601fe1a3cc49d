"""Tenures: who held which seat from which day until which, and so who held it on any day."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pyroaring import BitMap

# Days are counted since the year 1; half-open: until a day is not on that day.
EVER, NEVER = date.min.toordinal(), date.max.toordinal() + 1
# Role, community, evidence.
Seat = tuple[str, str, str]
Span = tuple[int, int]
Spans = dict[Seat, dict[Span, array]]


@dataclass
class Tenures:
    """The spans of everybody; what they say of those in `again` is said in `spans_again`."""

    # Many and small: a bitmap for each would be larger than what it holds.
    spans: Spans = field(default_factory=dict)
    again: BitMap = field(default_factory=BitMap)
    spans_again: Spans = field(default_factory=dict)

    def each(self, role: str = "", community: str = "") -> Iterator[tuple[Seat, Span, array]]:
        for known, but in ((self.spans, self.again), (self.spans_again, None)):
            for seat, spans in known.items():
                if role and seat[:2] != (role, community):
                    continue
                for span, who in spans.items():
                    if stay := _without(who, but):
                        yield seat, span, stay

    def on(self, day: date) -> dict[Seat, BitMap]:
        """Who held which seat that day."""
        number = day.toordinal()
        found = {seat: _held(spans, number) - self.again for seat, spans in self.spans.items()}
        for seat, spans in self.spans_again.items():
            found[seat] = found.get(seat, BitMap()) | _held(spans, number)
        return found

    def at_year_end(self, year: int) -> dict[Seat, BitMap]:
        nobody = [BitMap()]
        return {
            seat: BitMap.union(*nobody, *(who for (a, b), who in years.items() if a <= year < b))
            for seat, years in self._by_years.items()
        }

    @cached_property
    def _by_years(self) -> dict[Seat, dict[Span, BitMap]]:
        """Who held which seat at the end of which year first, and of which no more."""
        found: dict[Seat, dict[Span, array]] = defaultdict(lambda: defaultdict(lambda: array("I")))
        for seat, (since, until), who in self.each():
            first, end = (_year(day) for day in (since, until))
            if first < end:
                found[seat][first, end].extend(who)
        return {
            seat: {years: BitMap(who) for years, who in held.items()}
            for seat, held in found.items()
        }

    def begun(self) -> Iterator[int]:
        """The days from which seats were held, as far as they are known."""
        return (since for _seat, (since, _until), _who in self.each() if since != EVER)

    def ended(self, role: str, community: str, by: date, most: int) -> list[int]:
        """Who held that role there until that day or before, who left last the first."""
        found: dict[int, int] = {}
        for _seat, (_since, until), who in self.each(role, community):
            if until <= by.toordinal():
                found |= {key: max(until, found.get(key, 0)) for key in who}
        return sorted(found, key=lambda key: (-found[key], key))[:most]

    def renewed(self, fresh: "Tenures", touched: BitMap) -> "Tenures":
        """The same with what is fresh in place of all that was said of those touched."""
        spans_again: Spans = {}
        for known, but in ((self.spans_again, touched), (fresh.spans, None)):
            for seat, spans in known.items():
                for span, who in spans.items():
                    if stay := _without(who, but):
                        spans_again.setdefault(seat, {}).setdefault(span, array("I")).extend(stay)
        return Tenures(self.spans, self.again | touched, spans_again)


def _without(who: array, but: BitMap | None) -> array:
    return array("I", (key for key in who if key not in but)) if but else who


def _held(spans: dict[Span, array], number: int) -> BitMap:
    """Who is held in spans in which that day lies."""
    found = array("I")
    for (since, until), who in spans.items():
        if since <= number < until:
            found.extend(who)
    return BitMap(found)


def _year(day: int) -> int:
    """The first year whose last day is not before this day."""
    return date.fromordinal(day).year if day < NEVER else date.max.year + 1
