"""One row beside what is recorded of the organization that it means: what would change."""

import re
from dataclasses import dataclass, field
from datetime import date

from directory import codes
from directory.importing.parse import cells as parse_cells
from directory.importing.parse import terms
from directory.importing.parse.messages import Reason
from directory.importing.parse.rows import Said, language_of
from directory.importing.plan import current as current_values
from directory.importing.plan.current import Recorded
from directory.models import Kind, Membership, Role, State
from directory.quality import rules as quality_rules

# To these a file only adds: what it does not name stays.
ADDED = frozenset(("aliases", "sectors", "memberships"))
WHERE_ROLES = frozenset(("roles", "communities", "since", "until"))
WEAK = frozenset(("kind-inferred", "kind-missing", "region-inferred"))
INFERRED = WEAK | {"kind-unknown"}
FOREVER = "9999-12-31"
# The cells in which a fact may stand, where that is more than one.
CELLS = {
    "kind": ("kind", "level"),
    "region": ("province", "region", "region_name", "city", "county"),
    "school_code": ("school_code", "credit_code"),
    **dict.fromkeys(WHERE_ROLES, tuple(WHERE_ROLES)),
}
SEVERAL = re.compile("[;；]")


@dataclass
class Difference:
    """What would be written, what stands there now, and what there is to say of it."""

    values: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)


@dataclass
class Comparison:
    """`then` is what the file said when it was written out, if it bears a fingerprint."""

    said: Said
    now: Recorded
    roles: dict[str, Role]
    then: dict[str, str] | None = None
    same: bool = True
    found: Difference = field(default_factory=Difference)

    def difference(self) -> Difference:
        weak = {reason.column for reason in self.said.reasons if reason.code in INFERRED}
        for column in (*current_values.PLAIN, "region", "verified_on"):
            value = self.said.values.get(column, "")
            if column == "name" and not self.said.cells.get("name"):
                continue  # the English one stands in for it, and renames nobody
            if value and column not in weak and self.edited(column) and self.differs(column, value):
                self.put(column, self.now.value(column), value)
        self.keep_laws()
        self.add("sectors", self.now.sectors, self.said.sectors)
        self.add_aliases()
        if self.edited("roles"):
            self.memberships()
        self.three_ways()
        return self.found

    def put(self, column: str, before: object, value: object) -> None:
        self.found.values[column], self.found.before[column] = value, before

    def concerns(self, reason: Reason) -> bool:
        """Whether a doubt of the reader is one here: what is recorded is not inferred again."""
        return reason.code not in WEAK and self.edited(reason.column or "name")

    def edited(self, *columns: str) -> bool:
        """Whether the officer touched the cell; without a fingerprint any cell may be meant."""
        if self.then is None:
            return True
        cells, then = self.said.cells, self.then
        return any(
            current_values.brief(cells.get(cell, "")) != then.get(cell, "")
            for column in columns
            for cell in CELLS.get(column, (column,))
        )

    def differs(self, column: str, value: str) -> bool:
        now = self.now.value(column)
        if value == now or (column.startswith("description") and value == parse_cells.text(now)):
            return False
        if self.then is not None:
            return True
        if column == "name":
            return self.is_other_name(value)
        if column == "name_en":
            return terms.plain(value) != terms.plain(now)
        if column == "region" and now:
            return not codes.region_span(value)[0] <= now <= codes.region_span(value)[1]
        if column == "website":
            return value.split("://")[-1].rstrip("/") != now.split("://")[-1].rstrip("/")
        return True

    def is_other_name(self, value: str) -> bool:
        """A name that is only written otherwise, or is known as another name, renames nobody."""
        return self.same and not self.now.is_called(value)

    def keep_laws(self) -> None:
        """What no row may say: an enterprise with a school code."""
        kind = self.found.values.get("kind", self.now.row.kind)
        code = self.found.values.get("school_code", self.now.row.school_code)
        if kind == Kind.ENTERPRISE and code:
            for column in ("kind", "school_code"):
                self.found.values.pop(column, None)
                self.found.before.pop(column, None)
            reason = Reason("school-code-enterprise", "school_code", {"cell": code})
            self.found.reasons.append(reason)

    def add(self, column: str, now: list[str], said: list[str]) -> None:
        fresh = [value for value in said if value not in now]
        if fresh and self.edited(column):
            self.put(column, list(now), fresh)

    def add_aliases(self) -> None:
        old = self.now.row.name if "name" in self.found.values else ""
        names = [name for name in self.now.names if name != old]
        # A name that holds a semicolon comes back from a file as its parts.
        written = [part for name in names for part in (name, *SEVERAL.split(name))]
        known = {terms.plain(name) for name in written}
        fresh = []
        if not self.same:  # likely the same: its way of writing the name is kept as another one
            fresh.append((self.said.name, "spelling", language_of(self.said.name)))
        fresh += [each for each in self.said.aliases if self.edited("aliases", "short", "former")]
        if old and self.then is None:  # by somebody else's list: so its name is not lost
            fresh.append((old, "former", language_of(old)))
        found = {}
        for each in fresh:
            if (name := terms.plain(each[0])) not in known:
                found.setdefault(name, list(each))
        if found:
            self.put("aliases", list(self.now.aliases), list(found.values()))

    # -- Memberships ---------------------------------------------------------

    def memberships(self) -> None:
        if self.is_unequal():
            self.found.reasons.append(Reason("unequal", "since"))
            return
        fresh = []
        for wanted in self.said.memberships:
            held = [each for each in self.now.memberships if place(each) == place_of(wanted)]
            change = self.membership(wanted, held)
            if change and change not in fresh:
                fresh.append(change)
        if fresh:
            self.put("memberships", [shown(each) for each in self.now.memberships], fresh)

    def is_unequal(self) -> bool:
        """Whether a role was added to a file for editing whose days are still those of before."""
        if self.then is None or len(self.said.memberships) < 2:
            return False
        days = (self.said.cells.get(column, "") for column in ("since", "until"))
        return any(cell and not SEVERAL.search(cell) for cell in days)

    def membership(self, wanted: dict, held: list[Membership]) -> dict | None:
        same = meant(wanted, held)
        if same is None:
            role = self.roles[wanted["role"]]
            if any(place(each) == place_of(wanted) for each in self.now.withdrawn):
                self.found.reasons.append(Reason("role-withdrawn", "roles", {"role": role.code}))
                return None
            kind = self.found.values.get("kind", self.now.row.kind)
            if not role.admits(kind):
                params = {"role": role.code, "kind": kind}
                self.found.reasons.append(Reason("ineligible", "roles", params))
                return None
            other = next((each for each in held if meets(wanted, each)), None)
            if other is not None:
                self.found.reasons.append(overlap(role, other))
                return None
            return dict(wanted)
        days = {
            name: wanted[name]
            for name in ("since", "until")
            if wanted[name] and wanted[name] != current_values.iso(getattr(same, name))
        }
        begins, ends = (
            days.get(n) or current_values.iso(getattr(same, n)) for n in ("since", "until")
        )
        if days and begins and ends and ends <= begins:
            params = {"since": begins, "until": ends}
            self.found.reasons.append(Reason("ends-before", "until", params))
            return None
        return wanted | days | {"key": same.pk, **days} if days else None

    # -- Three ways ----------------------------------------------------------

    def three_ways(self) -> None:
        """What a colleague changed since the file was written is shown, and never overwritten."""
        if self.then is None:
            return
        cells = self.now.cells()
        for column in current_values.EDITED:
            written = "memberships" if column in WHERE_ROLES else column
            then, now = self.then.get(column, ""), cells.get(column, "")
            if written in self.found.values and current_values.brief(now) != then:
                file = self.said.cells.get(column, "")
                if self.edited(column) and file != now:
                    params = {"then": then, "file": file[:120], "now": now[:120]}
                    self.found.reasons.append(Reason("changed-since", column, params))


def meant(wanted: dict, held: list[Membership]) -> Membership | None:
    """The membership that the row speaks of: the one with its days, else the one still open."""
    for each in held:
        since, until = current_values.iso(each.since), current_values.iso(each.until)
        if wanted["since"] in ("", since) and wanted["until"] in ("", until):
            return each
    for each in held:
        if wanted["since"] and wanted["since"] == current_values.iso(each.since):
            return each
    for each in held:
        if each.until is None:
            return each
    return None


def place(each: Membership) -> tuple[str, str]:
    return each.community.code, each.role_id


def place_of(wanted: dict) -> tuple[str, str]:
    return wanted["community"], wanted["role"]


def meets(wanted: dict, other: Membership) -> bool:
    if other.state == State.WITHDRAWN:
        return False
    begins = quality_rules.begins(other)
    ends = current_values.iso(other.until) or FOREVER
    starts = (current_values.iso(begins) if begins > date.min else "") or ""
    return wanted["since"] < ends and starts < (wanted["until"] or FOREVER)


def overlap(role: Role, other: Membership) -> Reason:
    days = {name: current_values.iso(getattr(other, name)) or "…" for name in ("since", "until")}
    return Reason("overlap", "roles", {"role": role.code, **days})


def shown(each: Membership) -> str:
    days = f" {current_values.iso(each.since)}–{current_values.iso(each.until)}"
    return f"{each.role_id} {each.community.code}{days if each.since or each.until else ''}"
