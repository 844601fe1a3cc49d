"""The rows of an import as its pages show them: values, reasons, corrections and decisions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from directory.admin.base import autocomplete
from directory.admin.imports.presenters import describe_corrections, get_column_label
from directory.importing.parse.messages import format_reason
from directory.importing.plan.diff import ADDITIVE_COLUMNS
from directory.importing.readable_rows import get_numbers_elsewhere, hide_other_parts
from directory.models import ImportCorrection, ImportRow, Kind, Organization, Role
from directory.permissions import policy
from directory.permissions.policy import Account

Outcome, Decision = ImportRow.Outcome, ImportRow.Decision
COLUMN_ORDER = (
    "name", "name_en", "kind", "region", "memberships", "credit_code", "school_code", "website",
    "sectors", "aliases", "description", "description_en", "verified_on",
)  # fmt: skip


class DecisionOption(NamedTuple):
    """One of the decisions that are possible for a doubtful row."""

    value: str
    label: str
    is_chosen: bool


@dataclass
class PlannedCell:
    """One value that a row would write."""

    column: str
    label: str
    old: str = ""
    new: str = ""
    # What is recorded already and stays: adding to a list takes nothing from it.
    unchanged: str = ""
    is_excluded: bool = False
    is_required: bool = False

    @property
    def is_checked(self) -> bool:
        return not (self.is_excluded or self.is_required)


@dataclass
class PlannedRow:
    """A row of the file as a page shows it."""

    row: ImportRow
    reasons: list[str]
    cells: list[PlannedCell] = field(default_factory=list)
    organization_name: str = ""
    corrections: list[str] = field(default_factory=list)

    @property
    def is_update(self) -> bool:
        """Whether it is shown beside what is recorded, rather than as something new."""
        return bool(self.row.organization) and self.row.outcome != Outcome.NEW

    @property
    def other_name(self) -> str:
        """The recorded name of the organization, where the file has another one."""
        return self.organization_name if self.organization_name != self.row.name else ""

    @property
    def is_stale(self) -> bool:
        """Whether it was not written, because the directory had changed since it was planned."""
        return self.row.applied == "no"

    @property
    def is_taken(self) -> bool:
        return self.row.decision != Decision.SKIP

    @property
    def can_be_corrected(self) -> bool:
        """Whether its page is offered for corrections: not for what is applied as it is."""
        return self.row.outcome not in (Outcome.NEW, Outcome.CHANGED)

    @property
    def options(self) -> list[DecisionOption]:
        row, number = self.row, {"number": self.row.organization}
        labels = {Decision.OPEN: _("not decided")}
        if row.organization and row.values:
            labels[Decision.CHANGE] = _("change number %(number)s") % number
        if row.whole:
            labels[Decision.CREATE] = _("add as a new one") if row.organization else _("add it")
        labels[Decision.SKIP] = _("skip")
        chosen = row.decision
        return [DecisionOption(value, label, value == chosen) for value, label in labels.items()]


class RowPresenter:
    """Builds the texts of the rows of one page; what they refer to is read in one go."""

    def __init__(self, rows: Iterable[ImportRow], user: Account):
        self.rows = list(rows)
        hide_other_parts(self.rows, user)
        values = [each for row in self.rows for each in (row.values, row.before, row.whole)]
        regions = {each["region"] for each in values if each.get("region")}
        self.paths = autocomplete.format_region_paths(regions, short=True)
        self.roles = {role.code: role.label for role in Role.objects.all()}
        self.kinds = {value: str(label) for value, label in Kind.choices}
        keys = {row.organization for row in self.rows if row.organization}
        # An account without a limit reads whom the rows of one that is limited may mean elsewhere.
        self.tells_all = not policy.permission_for(user).is_limited
        if self.tells_all:
            keys |= {number for row in self.rows for number in get_numbers_elsewhere(row)}
        self.names = {row.pk: row.label for row in Organization.objects.filter(pk__in=keys)}
        corrections = ImportCorrection.objects.filter(
            of__in={row.of_id for row in self.rows}, number__in=[row.number for row in self.rows]
        )
        self.corrections: dict[int, list[str]] = {}
        for note in describe_corrections(corrections):
            self.corrections.setdefault(note.number, []).append(note.text)

    def build_rows(self) -> list[PlannedRow]:
        return [self.build_row(row) for row in self.rows]

    def build_row(self, row: ImportRow) -> PlannedRow:
        planned = PlannedRow(
            row,
            [*map(format_reason, row.reasons), *self.name_elsewhere(row)],
            organization_name=self.names.get(row.organization or 0, ""),
            corrections=self.corrections.get(row.number, []),
        )
        values = row.values or row.whole
        for column in COLUMN_ORDER:
            value = values.get(column)
            if value and not (column == "name" and value == row.name and not planned.is_update):
                planned.cells.append(self.build_cell(planned, column, value))
        return planned

    def name_elsewhere(self, row: ImportRow) -> Iterator[str]:
        """Yield who is meant by the reasons that say only that there is somebody elsewhere."""
        numbers = sorted(get_numbers_elsewhere(row) & self.names.keys()) if self.tells_all else []
        for number in numbers:
            params = {"number": number, "name": self.names[number]}
            yield _("Elsewhere: number %(number)d, %(name)s.") % params

    def build_cell(self, planned: PlannedRow, column: str, value: Any) -> PlannedCell:
        row = planned.row
        cell = PlannedCell(column, get_column_label(column), is_excluded=column in row.left)
        cell.is_required = not planned.is_update and column in ("name", "kind")
        cell.new = self.format_value(column, value)
        if planned.is_update:
            cell.old, cell.unchanged = self.format_old(column, row.before.get(column), value)
        return cell

    def format_old(self, column: str, old: Any, new: Any) -> tuple[str, str]:
        """Format what would be replaced, and what stays beside the new value."""
        if column == "memberships":
            # With its key a membership is one that is recorded, whose days change.
            moved = {(each["role"], each["community"]) for each in new if each.get("key")}
            texts = [
                (tuple(text.split(" ")[:2]), self.format_membership(text)) for text in old or ()
            ]
            replaced = [text for seat, text in texts if seat in moved]
            return "; ".join(replaced), "; ".join(text for seat, text in texts if seat not in moved)
        text = self.format_value(column, old)
        return ("", text) if column in ADDITIVE_COLUMNS else (text, "")

    def format_membership(self, text: str) -> str:
        """Format a recorded membership (role, community, days) with the role's label."""
        role, _community, *days = text.split(" ")
        return " ".join([self.roles.get(role, role), *days])

    def format_value(self, column: str, value: Any) -> str:
        if value in (None, "", []):
            return ""
        if column == "kind":
            return self.kinds.get(str(value), str(value))
        if column == "region":
            return f"{self.paths.get(value, '')} {value}".strip()
        if isinstance(value, list):
            return "; ".join(self.format_item(each) for each in value)
        return str(value)

    def format_item(self, value: Any) -> str:
        """Format one of several values: a membership, an alias or a code."""
        if isinstance(value, dict):
            days = [value.get(name) or "…" for name in ("since", "until")]
            period = f" {days[0]} – {days[1]}" if set(days) != {"…"} else ""
            return f"{self.roles.get(value['role'], value['role'])}{period}"
        return str(value[0] if isinstance(value, list) else value)
