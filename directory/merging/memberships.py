"""The memberships of two organizations laid together: which periods of a role become one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from directory.models import Membership, State
from directory.quality import rules as quality_rules

ORDER = [State.PUBLISHED, State.DRAFT, State.WITHDRAWN]


@dataclass
class Period:
    """A membership that stays, and those that become one with it."""

    row: Membership
    moves: bool
    since: date | None
    until: date | None
    state: str
    begins: date
    absorbed: list[Membership] = field(default_factory=list)

    @classmethod
    def of(cls, row: Membership, moves: bool) -> "Period":
        return cls(row, moves, row.since, row.until, row.state, quality_rules.begins(row))

    @property
    def ends(self) -> date:
        return self.until or date.max

    @property
    def seat(self) -> tuple[int, str]:
        return self.row.community_id, self.row.role_id

    @property
    def changed(self) -> bool:
        said = self.row.since, self.row.until, self.row.state
        return said != (self.since, self.until, self.state)

    def doubles(self, other: "Period") -> bool:
        """Whether one organization cannot hold both: open twice, or on the same days."""
        if self is other or self.seat != other.seat:
            return False
        if self.until is None and other.until is None:
            return True
        if self.state != other.state or self.state == State.WITHDRAWN:
            return False
        return self.begins < other.ends and other.begins < self.ends

    def absorb(self, other: "Period") -> None:
        """From the earlier first day until the later end; but what is public stands as it is."""
        if self.state == other.state or State.PUBLISHED not in (self.state, other.state):
            self.since = min((day for day in (self.since, other.since) if day), default=None)
            self.until = None if None in (self.until, other.until) else max(self.until, other.until)
            self.begins = min(self.begins, other.begins)
            self.state = min(self.state, other.state, key=ORDER.index)
        elif other.state == State.PUBLISHED:
            self.give_way(other)
        self.absorbed += [other.row, *other.absorbed]

    def give_way(self, other: "Period") -> None:
        """The other's row stays in the place of this one."""
        self.row, other.row = other.row, self.row
        self.moves, self.state = other.moves, other.state
        self.since, self.until, self.begins = other.since, other.until, other.begins


def laid_together(kept: Iterable[Membership], gone: Iterable[Membership]) -> list[Period]:
    """All periods afterwards: those that stay, those that move, each with what it absorbed."""
    periods = [Period.of(row, moves=False) for row in kept]
    for row in gone:
        fresh = Period.of(row, moves=True)
        home = next((period for period in periods if period.doubles(fresh)), None)
        if home is None:
            periods.append(fresh)
            continue
        home.absorb(fresh)
        # Longer now, it may meet another one: until it meets none.
        while met := next((period for period in periods if home.doubles(period)), None):
            home.absorb(met)
            periods.remove(met)
    return periods
