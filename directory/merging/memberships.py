"""Merges the memberships of two organizations: which periods of a role become one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from directory.models import Membership, State
from directory.models.date_fields import get_date_columns, get_partial_date
from directory.partial_dates import PartialDate
from directory.quality import rules as quality_rules

STATE_ORDER: list[str] = [State.PUBLISHED, State.DRAFT, State.WITHDRAWN]


@dataclass
class Period:
    """A membership that is kept, with its new days and those that become one with it.

    `moves` tells that the row belongs to the other organization until the merge.
    """

    row: Membership
    moves: bool
    since: PartialDate | None
    until: PartialDate | None
    state: str
    start: date
    absorbed: list[Membership] = field(default_factory=list)

    @classmethod
    def from_membership(cls, row: Membership, moves: bool) -> "Period":
        since, until = (get_partial_date(row, name) for name in ("since", "until"))
        return cls(row, moves, since, until, row.state, quality_rules.get_start_day(row))

    @property
    def end(self) -> date:
        return self.until.end if self.until else date.max

    @property
    def seat(self) -> tuple[int, str]:
        return self.row.community_id, self.row.role_id

    @property
    def is_changed(self) -> bool:
        """Whether days or state of the row change."""
        before = (get_partial_date(self.row, name) for name in ("since", "until"))
        return (*before, self.row.state) != (self.since, self.until, self.state)

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of days and state that the row gets."""
        days = get_date_columns(Membership, "since", self.since)
        days |= get_date_columns(Membership, "until", self.until)
        return days | {"state": self.state}

    def conflicts_with(self, other: "Period") -> bool:
        """Whether one organization cannot hold both: two open ones, or days in common."""
        if self is other or self.seat != other.seat:
            return False
        if self.until is None and other.until is None:
            return True
        if self.state != other.state or self.state == State.WITHDRAWN:
            return False
        return self.start < other.end and other.start < self.end

    def absorb(self, other: "Period") -> None:
        """Become one with the other: from the earlier start to the later end.

        A published one keeps its days if the other is not published.
        """
        if self.state == other.state or State.PUBLISHED not in (self.state, other.state):
            self.since = min((day for day in (self.since, other.since) if day), default=None)
            self.until = max(self, other, key=attrgetter("end")).until
            self.start = min(self.start, other.start)
            self.state = min(self.state, other.state, key=STATE_ORDER.index)
        elif other.state == State.PUBLISHED:
            self.replace_row(other)
        self.absorbed += [other.row, *other.absorbed]

    def replace_row(self, other: "Period") -> None:
        """Keep the other's row instead of this one."""
        self.row, other.row = other.row, self.row
        self.moves, self.state = other.moves, other.state
        self.since, self.until, self.start = other.since, other.until, other.start


def merge_periods(kept: Iterable[Membership], gone: Iterable[Membership]) -> list[Period]:
    """Return all periods after the merge, each with those that it absorbed."""
    periods = [Period.from_membership(row, moves=False) for row in kept]
    for row in gone:
        added = Period.from_membership(row, moves=True)
        period = next((each for each in periods if each.conflicts_with(added)), None)
        if period is None:
            periods.append(added)
            continue
        period.absorb(added)
        # It is longer now and may conflict with further ones.
        while other := next((each for each in periods if period.conflicts_with(each)), None):
            period.absorb(other)
            periods.remove(other)
    return periods
