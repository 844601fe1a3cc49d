"""Time intervals of memberships: who held which from when until when, and so on any day."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pyroaring import BitMap

# Days are ordinals (`date.toordinal()`), intervals half-open: the end is not included.
UNKNOWN_START, OPEN_END = date.min.toordinal(), date.max.toordinal() + 1
UNKNOWN_YEAR = date.min.year
# Role, community, evidence.
MembershipKey = tuple[str, str, str]
Span = tuple[int, int]
# Organization ids by membership key and by span.
Spans = dict[MembershipKey, dict[Span, array]]


@dataclass
class MembershipIntervals:
    """The spans of all memberships by their key.

    For organizations in `changed`, `changed_spans` holds instead of `spans`.
    """

    # Many and small: a bitmap for each would be larger than what it holds.
    spans: Spans = field(default_factory=dict)
    changed: BitMap = field(default_factory=BitMap)
    changed_spans: Spans = field(default_factory=dict)

    def iterate(
        self, role: str = "", community: str = ""
    ) -> Iterator[tuple[MembershipKey, Span, array]]:
        """Yield each key and span with its organization ids, all or those of one role."""
        for all_spans, exclude in ((self.spans, self.changed), (self.changed_spans, None)):
            for key, spans in all_spans.items():
                if role and key[:2] != (role, community):
                    continue
                for span, organizations in spans.items():
                    if remaining := _exclude(organizations, exclude):
                        yield key, span, remaining

    def get_holders(self, day: date, with_undated: bool) -> dict[MembershipKey, BitMap]:
        """Return who held which membership on that day.

        `with_undated`: also those of whom it is not known since when.
        """
        number, first = day.toordinal(), UNKNOWN_START if with_undated else UNKNOWN_START + 1
        holders = {
            key: _get_holders(spans, number, first) - self.changed
            for key, spans in self.spans.items()
        }
        for key, spans in self.changed_spans.items():
            holders[key] = holders.get(key, BitMap()) | _get_holders(spans, number, first)
        return holders

    def get_holders_at_year_end(self, year: int, with_undated: bool) -> dict[MembershipKey, BitMap]:
        nobody, first = [BitMap()], UNKNOWN_YEAR if with_undated else UNKNOWN_YEAR + 1
        return {
            key: BitMap.union(
                *nobody, *(who for (a, b), who in years.items() if first <= a <= year < b)
            )
            for key, years in self._by_years.items()
        }

    @cached_property
    def _by_years(self) -> dict[MembershipKey, dict[Span, BitMap]]:
        """Who held which membership, by the first year end within its span and the first after."""
        by_years: dict[MembershipKey, dict[Span, array]] = defaultdict(
            lambda: defaultdict(lambda: array("I"))
        )
        for key, (since, until), organizations in self.iterate():
            first, end = (_get_first_year_end(day) for day in (since, until))
            if first < end:
                by_years[key][first, end].extend(organizations)
        return {
            key: {years: BitMap(organizations) for years, organizations in spans.items()}
            for key, spans in by_years.items()
        }

    def get_start_days(self) -> Iterator[int]:
        """Yield the days from which memberships were held, as far as they are known."""
        return (since for _key, (since, _until), _who in self.iterate() if since != UNKNOWN_START)

    def find_ended(self, role: str, community: str, by: date, most: int) -> list[int]:
        """Return up to `most` who held that role until that day or before, the last first."""
        ends: dict[int, int] = {}
        for _key, (_since, until), organizations in self.iterate(role, community):
            if until <= by.toordinal():
                ends |= {each: max(until, ends.get(each, 0)) for each in organizations}
        return sorted(ends, key=lambda each: (-ends[each], each))[:most]

    def replace(self, fresh: "MembershipIntervals", changed: BitMap) -> "MembershipIntervals":
        """Return intervals in which `fresh` replaces all of the organizations in `changed`."""
        changed_spans: Spans = {}
        for all_spans, exclude in ((self.changed_spans, changed), (fresh.spans, None)):
            for key, spans in all_spans.items():
                for span, organizations in spans.items():
                    if remaining := _exclude(organizations, exclude):
                        by_span = changed_spans.setdefault(key, {})
                        by_span.setdefault(span, array("I")).extend(remaining)
        return MembershipIntervals(self.spans, self.changed | changed, changed_spans)


def _exclude(organizations: array, exclude: BitMap | None) -> array:
    if not exclude:
        return organizations
    return array("I", (key for key in organizations if key not in exclude))


def _get_holders(spans: dict[Span, array], number: int, first: int) -> BitMap:
    """Return who is in a span that contains this day and begins on `first` or later."""
    holders = array("I")
    for (since, until), organizations in spans.items():
        if first <= since <= number < until:
            holders.extend(organizations)
    return BitMap(holders)


def _get_first_year_end(day: int) -> int:
    """Return the first year whose last day is not before this day."""
    return date.fromordinal(day).year if day < OPEN_END else date.max.year + 1
