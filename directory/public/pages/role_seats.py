"""The seat board: each role of a community, its seats, who holds them and who held them before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from directory.listing import records
from directory.listing.index.bitmaps import Day
from directory.listing.loader import fetch
from directory.listing.records import Record
from directory.models import Community, Kind, Role, Seat

# Of one role: those who hold it, and those who left it last.
MOST_SHOWN, MOST_FORMER = 100, 20


@dataclass
class Bench:
    """A role, its seats in one community, who sits there, and who sat there before."""

    role: Role
    seats: int | None
    total: int
    keys: list[int]
    gone: list[int]
    holders: list[tuple[Record, records.Seat]] = field(default_factory=list)
    former: list[tuple[Record, records.Seat]] = field(default_factory=list)

    @property
    def eligible(self) -> str:
        """Which kinds may hold it, in words; empty for any."""
        return " / ".join(str(Kind(kind).label) for kind in self.role.kinds)

    @property
    def more(self) -> bool:
        return self.total > len(self.holders)

    @property
    def vacant(self) -> range:
        """One for each empty seat; none where the number of seats is unknown."""
        return range(max(0, (self.seats or 0) - self.total))


def board(community: Community, found: Day) -> dict:
    rows = benches(community, found, MOST_SHOWN)
    return {
        "community": community,
        "leads": [b for b in rows if b.role.axis == Role.Axis.LEAD],
        "council": [b for b in rows if b.role.axis == Role.Axis.COUNCIL],
    }


def benches(community: Community, found: Day, most: int, axis: str = "") -> list[Bench]:
    """The roles (of an axis) in order of seniority, each with its first holders of that day."""
    seats = dict(Seat.objects.filter(community=community).values_list("role", "count"))
    rows = [
        _bench(role, community, found, seats.get(role.code), most)
        for role in found.vocabulary.role.values()
        if axis in ("", role.axis)
    ]
    keys = {key for bench in rows for key in (*bench.keys, *bench.gone)}
    known = {r.organization.pk: r for r in fetch([*keys], found.vocabulary, found.day, True)}
    for bench in rows:
        here = bench.role.code, community.pk
        bench.holders = [*_seats(bench.keys, known, "seats", here)]
        bench.former = [*_seats(bench.gone, known, "former", here)]
    return rows


def _bench(role: Role, community: Community, found: Day, seats: int | None, most: int) -> Bench:
    holding = found.holding({"community": [community.code], "role": [role.code]})
    keys = list(islice(found.ordered(holding, "pinyin"), most))
    gone = found.index.tenures.ended(role.code, community.code, found.day, MOST_FORMER)
    return Bench(role, seats, len(holding), keys, gone)


def _seats(keys: list[int], known: dict[int, Record], when: str, here: tuple) -> Iterator[tuple]:
    for key in keys:
        for seat in getattr(known[key], when) if key in known else ():
            if (seat.membership.role_id, seat.membership.community_id) == here:
                yield known[key], seat
