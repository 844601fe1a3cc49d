"""The seats of a community: each role, how many seats it has, and who holds or held them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import ngettext

from directory.listing.index.bitmaps import DayIndex
from directory.listing.loader import load_records
from directory.listing.records import Record, RecordMembership
from directory.models import Community, Kind, Role, Seat

# Of one role: those who hold it, and those who left it last.
MAX_HOLDERS, MAX_FORMER = 100, 20


class SeatHolder(NamedTuple):
    """A member and its membership in the role."""

    record: Record
    membership: RecordMembership


@dataclass
class RoleSeats:
    """A role in one community, its seats, and who holds and held them.

    `seats` is None where their number is unknown; `total` counts all holders, not only those shown.
    """

    role: Role
    seats: int | None
    total: int
    holder_keys: list[int]
    former_keys: list[int]
    holders: list[SeatHolder] = field(default_factory=list)
    former_holders: list[SeatHolder] = field(default_factory=list)

    @property
    def eligible_kinds(self) -> str:
        """The labels of the kinds that may hold it; empty for any."""
        return " / ".join(str(Kind(kind).label) for kind in self.role.kinds)

    @property
    def taken_label(self) -> str:
        """How many seats there are and how many are taken; "" where the number is unknown."""
        if not self.seats:
            return ""
        text = ngettext(
            "%(seats)s seat, %(taken)s taken", "%(seats)s seats, %(taken)s taken", self.seats
        )
        return text % {"seats": self.seats, "taken": self.total}

    @property
    def has_more_holders(self) -> bool:
        return self.total > len(self.holders)

    @property
    def vacant_seats(self) -> range:
        """One for each empty seat; none where the number of seats is unknown."""
        return range(max(0, (self.seats or 0) - self.total))


@dataclass(frozen=True)
class SeatBoard:
    """All roles of a community: its lead functions and its council seats."""

    community: Community
    lead_roles: list[RoleSeats]
    council_roles: list[RoleSeats]


def build_board(community: Community, day_index: DayIndex) -> SeatBoard:
    roles = get_role_seats(community, day_index, MAX_HOLDERS)
    return SeatBoard(
        community,
        [each for each in roles if each.role.axis == Role.Axis.LEAD],
        [each for each in roles if each.role.axis == Role.Axis.COUNCIL],
    )


def get_role_seats(
    community: Community, day_index: DayIndex, most: int, axis: str = ""
) -> list[RoleSeats]:
    """The roles (of an axis) by seniority, each with its first holders on that day."""
    reference_data = day_index.reference_data
    seats = dict(Seat.objects.filter(community=community).values_list("role", "count"))
    roles = [
        _build_role_seats(role, community, day_index, seats.get(role.code), most)
        for role in reference_data.role.values()
        if axis in ("", role.axis)
    ]
    keys = {key for each in roles for key in (*each.holder_keys, *each.former_keys)}
    records = load_records(
        [*keys], reference_data, day_index.date, brief=True, undated=day_index.with_undated
    )
    by_key = {record.organization.pk: record for record in records}
    for each in roles:
        holders = [by_key[key] for key in each.holder_keys if key in by_key]
        former = [by_key[key] for key in each.former_keys if key in by_key]
        each.holders = [*_iter_holders(holders, _get_current, each.role, community)]
        each.former_holders = [*_iter_holders(former, _get_former, each.role, community)]
    return roles


_get_current = attrgetter("memberships")
_get_former = attrgetter("former_memberships")


def _build_role_seats(
    role: Role, community: Community, day_index: DayIndex, seats: int | None, most: int
) -> RoleSeats:
    holders = day_index.get_holders({"community": [community.code], "role": [role.code]})
    keys = list(islice(day_index.iter_sorted(holders, "pinyin"), most))
    intervals = day_index.index.intervals
    former = intervals.find_ended(role.code, community.code, day_index.date, MAX_FORMER)
    return RoleSeats(role, seats, len(holders), keys, former)


def _iter_holders(
    records: Iterable[Record],
    get_memberships: Callable[[Record], list[RecordMembership]],
    role: Role,
    community: Community,
) -> Iterator[SeatHolder]:
    """Each of these members with its memberships in this role."""
    for record in records:
        for held in get_memberships(record):
            if (held.membership.role_id, held.membership.community_id) == (role.code, community.pk):
                yield SeatHolder(record, held)
