"""Compares a row with the organization that it means: what would change."""

import re
from dataclasses import dataclass, field

from directory import codes
from directory.importing.parse import cells as parse_cells
from directory.importing.parse import terms
from directory.importing.parse.messages import Reason
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.rows import guess_language
from directory.importing.plan import current as current_values
from directory.importing.plan.current import CurrentOrganization
from directory.importing.plan.membership_periods import (
    build_overlap_reason,
    find_membership,
    format_membership,
    get_seat,
    get_wanted_seat,
    is_overlapping,
)
from directory.models import Kind, Membership, Role
from directory.models.membership import today
from directory.partial_dates import PartialDate, get_end, get_first_day

# Columns of several values, to which an import only adds.
ADDITIVE_COLUMNS = frozenset(("aliases", "sectors", "memberships"))
MEMBERSHIP_COLUMNS = frozenset(("roles", "communities", "since", "until"))
WEAK_REASONS = frozenset(("kind-inferred", "kind-missing", "region-inferred"))
KIND_DOUBTS = frozenset(("kind-vague", "kind-conflict"))
INFERRED_REASONS = WEAK_REASONS | KIND_DOUBTS | {"kind-unknown"}
# The columns of a file that give a field its value, where these are not the field's own.
SOURCE_COLUMNS = {
    "kind": ("kind", "level"),
    "region": ("province", "region", "region_name", "city", "county"),
    "school_code": ("school_code", "credit_code"),
    **dict.fromkeys(MEMBERSHIP_COLUMNS, tuple(MEMBERSHIP_COLUMNS)),
}
SEPARATOR = re.compile("[;；]")


@dataclass
class PlannedChanges:
    """The values that would be written, those there now, and reasons for the officer."""

    values: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)


@dataclass
class RowComparison:
    """Compares one row; `exported` holds its cells as exported, if it has a fingerprint."""

    parsed: ParsedRow
    current: CurrentOrganization
    roles: dict[str, Role]
    exported: dict[str, str] | None = None
    is_certain: bool = True
    changes: PlannedChanges = field(default_factory=PlannedChanges)

    def compare(self) -> PlannedChanges:
        """Return what the row would change."""
        reasons = self.parsed.reasons
        inferred = {reason.column for reason in reasons if reason.code in INFERRED_REASONS}
        inferred |= {"kind"} if "level" in inferred else set()
        for column in (*current_values.TEXT_COLUMNS, "region", "verified_on"):
            value = self.parsed.values.get(column, "")
            if column == "name" and not self.parsed.cells.get("name"):
                continue  # the English name replaces a missing one, but renames nobody
            usable = value and column not in inferred
            if usable and self.is_edited(column) and self.is_different(column, value):
                self.set_change(column, self.current.get_value(column), value)
        self.enforce_school_code_rule()
        self.check_inferred_kind()
        self.check_held_roles()
        self.add_missing("sectors", self.current.sectors, self.parsed.sectors)
        self.add_aliases()
        if self.is_edited("roles"):
            self.compare_memberships()
        self.report_conflicts()
        return self.changes

    def set_change(self, column: str, before: object, value: object) -> None:
        """Store a new value with the one before it."""
        self.changes.values[column], self.changes.before[column] = value, before

    def is_relevant(self, reason: Reason) -> bool:
        """Whether a reason of the parser applies to a recorded organization: inferences do not."""
        if reason.code in KIND_DOUBTS and not self.contradicts_kind():
            return False
        return reason.code not in WEAK_REASONS and self.is_edited(reason.column or "name")

    def contradicts_kind(self) -> bool:
        """Whether the words of the row cannot mean the recorded kind, or were written over it."""
        return self.exported is not None or self.current.row.kind not in self.parsed.kinds

    def is_edited(self, *columns: str) -> bool:
        """Whether a cell was edited since the export; without a fingerprint any cell counts."""
        if self.exported is None:
            return True
        cells, exported = self.parsed.cells, self.exported
        return any(
            current_values.shorten_value(cells.get(cell, "")) != exported.get(cell, "")
            for column in columns
            for cell in SOURCE_COLUMNS.get(column, (column,))
        )

    def is_different(self, column: str, value: str) -> bool:
        """Whether the value differs from the recorded one by more than its spelling."""
        current = self.current.get_value(column)
        if value == current:
            return False
        if column.startswith("description") and value == parse_cells.normalize_text(current):
            return False
        if self.exported is not None:
            return True
        if column == "verified_on" and current:
            written, recorded = map(PartialDate.fromisoformat, (value, current))
            return not written.says_less_than(recorded)
        if column == "kind":
            return current not in self.parsed.kinds  # else the word says less than is recorded
        if column == "name":
            return self.is_rename(value)
        if column == "name_en":
            return terms.normalize_term(value) != terms.normalize_term(current)
        if column == "region" and current:
            first, last = codes.get_region_range(value)
            return not first <= current <= last
        if column == "website":
            return value.split("://")[-1].rstrip("/") != current.split("://")[-1].rstrip("/")
        return True

    def is_rename(self, value: str) -> bool:
        """Whether the name is new: other spellings and recorded aliases rename nobody."""
        return self.is_certain and not self.current.has_name(value)

    def enforce_school_code_rule(self) -> None:
        """Drop kind and school code if they would make an enterprise with a school code."""
        kind = self.changes.values.get("kind", self.current.row.kind)
        code = self.changes.values.get("school_code", self.current.row.school_code)
        if kind == Kind.ENTERPRISE and code:
            for column in ("kind", "school_code"):
                self.changes.values.pop(column, None)
                self.changes.before.pop(column, None)
            reason = Reason("school-code-enterprise", "school_code", {"cell": code})
            self.changes.reasons.append(reason)

    def check_inferred_kind(self) -> None:
        """Add a reason if the kind that a word and the name suggest is not the recorded one."""
        for reason in self.parsed.reasons:
            is_from_word = reason.code == "kind-inferred" and bool(self.parsed.kinds)
            if is_from_word and self.contradicts_kind() and self.is_edited("kind"):
                self.changes.reasons.append(Reason("kind-conflict", "kind", reason.params))

    def check_held_roles(self) -> None:
        """Add a reason for each role that is held and not open to the new kind."""
        before, kind = self.current.row.kind, str(self.changes.values.get("kind", ""))
        for each in self.current.memberships if kind else ():
            role, is_held = self.roles[each.role_id], each.until is None or each.until > today()
            if is_held and role.accepts_kind(before) and not role.accepts_kind(kind):
                params = {"role": role.code, "kind": kind}
                self.changes.reasons.append(Reason("ineligible", "kind", params))

    def add_missing(self, column: str, current: list[str], values: list[str]) -> None:
        """Add the values of the row that are not recorded."""
        missing = [value for value in values if value not in current]
        if missing and self.is_edited(column):
            self.set_change(column, list(current), missing)

    def add_aliases(self) -> None:
        """Add the names that are not recorded: aliases, other spellings, a name replaced."""
        old = self.current.row.name if "name" in self.changes.values else ""
        names = [name for name in self.current.names if name != old]
        # A name with a semicolon is split into parts when a file is read again.
        parts = [part for name in names for part in (name, *SEPARATOR.split(name))]
        recorded = {terms.normalize_term(name) for name in parts}
        candidates: list[tuple[str, str, str]] = []
        # Likely the same: its spelling of the name becomes an alias, unless it holds a remark.
        if not self.is_certain and not self.parsed.base_name:
            candidates.append((self.parsed.name, "spelling", guess_language(self.parsed.name)))
        if self.is_edited("aliases", "short", "former"):
            candidates += self.parsed.aliases
        if old and self.exported is None:  # renamed by somebody else's list: not lost
            candidates.append((old, "former", guess_language(old)))
        added: dict[str, list[str]] = {}
        for each in candidates:
            if (name := terms.normalize_term(each[0])) not in recorded:
                added.setdefault(name, list(each))
        if added:
            self.set_change("aliases", list(self.current.aliases), list(added.values()))

    # -- Memberships ---------------------------------------------------------

    def compare_memberships(self) -> None:
        """Add the memberships that are new or get other days."""
        if self.has_unequal_days():
            self.changes.reasons.append(Reason("unequal", "since"))
            return
        changes: list[dict] = []
        memberships = self.current.memberships
        for wanted in self.parsed.memberships:
            seat = get_wanted_seat(wanted)
            change = self.compare_membership(
                wanted, [m for m in memberships if get_seat(m) == seat]
            )
            if change and change not in changes:
                changes.append(change)
        if changes:
            self.set_change("memberships", list(map(format_membership, memberships)), changes)

    def has_unequal_days(self) -> bool:
        """Whether a role was added to an exported row, but no days for it."""
        if self.exported is None or len(self.parsed.memberships) < 2:
            return False
        days = (self.parsed.cells.get(column, "") for column in ("since", "until"))
        return any(cell and not SEPARATOR.search(cell) for cell in days)

    def compare_membership(self, wanted: dict, recorded: list[Membership]) -> dict | None:
        """Return the membership to write; with its key if only days of a recorded one change."""
        same = find_membership(wanted, recorded)
        if same is None:
            reason = self.check_membership(wanted, recorded)
            if reason:
                self.changes.reasons.append(reason)
            return None if reason else dict(wanted)
        names = ("since", "until")
        before = {name: current_values.format_date(same, name) for name in names}
        days = {n: wanted[n] for n in names if self.is_other_date(wanted[n], before[n])}
        since, until = (days.get(name) or before[name] for name in names)
        if days and get_end(until) <= get_first_day(since):
            params = {"since": since, "until": until}
            self.changes.reasons.append(Reason("ends-before", "until", params))
            return None
        return wanted | days | {"key": same.pk, **days} if days else None

    def is_other_date(self, wanted: str, recorded: str) -> bool:
        """Whether a date of the row is another one, and not only less exact than the recorded."""
        if not wanted or wanted == recorded:
            return False
        if not recorded or self.exported is not None:
            return True
        return not PartialDate.fromisoformat(wanted).says_less_than(
            PartialDate.fromisoformat(recorded)
        )

    def check_membership(self, wanted: dict, recorded: list[Membership]) -> Reason | None:
        """Return why a new membership cannot be added, or None."""
        role, seat = self.roles[wanted["role"]], get_wanted_seat(wanted)
        if any(get_seat(each) == seat for each in self.current.withdrawn_memberships):
            return Reason("role-withdrawn", "roles", {"role": role.code})
        kind = self.changes.values.get("kind", self.current.row.kind)
        if not role.accepts_kind(kind):
            return Reason("ineligible", "roles", {"role": role.code, "kind": kind})
        other = next((each for each in recorded if is_overlapping(wanted, each)), None)
        return build_overlap_reason(role, other) if other is not None else None

    # -- Conflicts -----------------------------------------------------------

    def report_conflicts(self) -> None:
        """Add a reason for each edited cell whose recorded value changed since the export."""
        if self.exported is None:
            return
        cells = self.current.build_cells()
        for column in current_values.ROUNDTRIP_COLUMNS:
            changed = "memberships" if column in MEMBERSHIP_COLUMNS else column
            then, now = self.exported.get(column, ""), cells.get(column, "")
            if changed in self.changes.values and current_values.shorten_value(now) != then:
                file = self.parsed.cells.get(column, "")
                if self.is_edited(column) and file != now:
                    params = {"then": then, "file": file[:120], "now": now[:120]}
                    self.changes.reasons.append(Reason("changed-since", column, params))
