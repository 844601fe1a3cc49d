"""How an import is put into words: its columns, its values, and what each row would change."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base import autocomplete
from directory.importing.apply import citations
from directory.importing.parse.messages import sentence
from directory.importing.plan.diff import ADDED
from directory.importing.readers import headings
from directory.models import (
    Import,
    ImportCorrection,
    ImportRow,
    Kind,
    Organization,
    Role,
    Source,
)

OWN = {each.name: each.verbose_name for each in Organization._meta.get_fields() if each.concrete}
LABELS = OWN | {
    "number": gettext_lazy("number"),
    "level": gettext_lazy("level of schooling"),
    "roles": gettext_lazy("roles"),
    "communities": gettext_lazy("communities"),
    "since": gettext_lazy("since"),
    "until": gettext_lazy("until"),
    "region_name": gettext_lazy("region in words"),
    "province": gettext_lazy("province"),
    "city": gettext_lazy("city"),
    "county": gettext_lazy("county"),
    "aliases": gettext_lazy("aliases"),
    "short": gettext_lazy("short name"),
    "former": gettext_lazy("former name"),
    "memberships": gettext_lazy("memberships"),
    "fingerprint": gettext_lazy("fingerprint"),
}
PASSED_OVER = {
    "": gettext_lazy("not known"),
    "twice": gettext_lazy("the same as an earlier column"),
    "sequence": gettext_lazy("a running number"),
    "remark": gettext_lazy("a remark"),
    "contact": gettext_lazy("a contact: not imported, a person's needs a basis"),
}
ORDER = (
    "name", "name_en", "kind", "region", "memberships", "credit_code", "school_code", "website",
    "sectors", "aliases", "description", "description_en", "verified_on",
)  # fmt: skip


def label(column: str) -> str:
    return capfirst(str(LABELS.get(column, column)))


def choices() -> list[tuple[str, str]]:
    fields = [(name, label(name)) for name in headings.FIELDS]
    return [("", _("— do not import —")), *fields]


def source(of: Import) -> Source | str:
    """What is cited for what the list says: a source, or words for one that comes to be."""
    code = of.options.get("source", "")
    if code == citations.THE_FILE:
        return _("this list, as a new source")
    return Source.objects.filter(code=code).first() or ""


@dataclass
class Cell:
    column: str
    label: str
    old: str = ""
    new: str = ""
    # What is there already and stays: of what is added nothing is taken away.
    stays: str = ""
    left: bool = False
    needed: bool = False


@dataclass
class Line:
    """A row of the file as a page shows it."""

    row: ImportRow
    reasons: list[str]
    cells: list[Cell] = field(default_factory=list)
    meant: str = ""
    corrected: list[str] = field(default_factory=list)

    @property
    def compared(self) -> bool:
        """Whether it is shown beside what is recorded, rather than as something new."""
        return bool(self.row.organization) and self.row.outcome != ImportRow.Outcome.NEW


class Words:
    """The words of the rows of one page: what they point to is read together."""

    def __init__(self, rows: Iterable[ImportRow]):
        self.rows = list(rows)
        said = [values for row in self.rows for values in (row.values, row.before, row.whole)]
        self.paths = autocomplete.paths({v["region"] for v in said if v.get("region")}, short=True)
        self.roles = {role.code: role.label for role in Role.objects.all()}
        self.kinds = {value: str(label) for value, label in Kind.choices}
        keys = {row.organization for row in self.rows if row.organization}
        self.names = {row.pk: row.label for row in Organization.objects.filter(pk__in=keys)}
        found = ImportCorrection.objects.filter(
            of__in={row.of_id for row in self.rows}, number__in=[row.number for row in self.rows]
        )
        self.corrected: dict[int, list[str]] = {}
        for number, sentence_ in corrected(found):
            self.corrected.setdefault(number, []).append(sentence_)

    def lines(self) -> list[Line]:
        return [self.line(row) for row in self.rows]

    def line(self, row: ImportRow) -> Line:
        values = row.values or row.whole
        line = Line(
            row,
            list(map(sentence, row.reasons)),
            meant=self.names.get(row.organization, ""),
            corrected=self.corrected.get(row.number, []),
        )
        for column in ORDER:
            value = values.get(column)
            if not value or (column == "name" and value == row.name and not line.compared):
                continue
            needed = not line.compared and column in ("name", "kind")
            cell = Cell(column, label(column), left=column in row.left, needed=needed)
            cell.new = self.value(column, value)
            if line.compared:
                cell.old, cell.stays = self.before(column, row.before.get(column), value)
            line.cells.append(cell)
        return line

    def before(self, column: str, before: object, value: object) -> tuple[str, str]:
        """What goes, and what stays beside what comes."""
        if column == "memberships":
            # With its key a membership is one that is there, whose days change.
            moved = {(each["role"], each["community"]) for each in value if each.get("key")}
            told = [(tuple(text.split(" ")[:2]), self.held(text)) for text in before or ()]
            goes = [words for seat, words in told if seat in moved]
            return "; ".join(goes), "; ".join(w for seat, w in told if seat not in moved)
        words = self.value(column, before)
        return ("", words) if column in ADDED else (words, "")

    def held(self, text: str) -> str:
        """A recorded membership as the plan keeps it, in words: role, community, days."""
        role, _community, *days = text.split(" ")
        return " ".join([self.roles.get(role, role), *days])

    def value(self, column: str, value: object) -> str:
        if value in (None, "", []):
            return ""
        if column == "kind":
            return self.kinds.get(str(value), str(value))
        if column == "region":
            return f"{self.paths.get(value, '')} {value}".strip()
        if isinstance(value, list):
            return "; ".join(self.several(each) for each in value)
        return str(value)

    def several(self, value: object) -> str:
        if isinstance(value, dict):
            days = [value.get(name) or "…" for name in ("since", "until")]
            dated = f" {days[0]} – {days[1]}" if set(days) != {"…"} else ""
            return f"{self.roles.get(value['role'], value['role'])}{dated}"
        return str(value[0] if isinstance(value, list) else value)


def mapped(of: Import) -> list[tuple[str, str, bool]]:
    """Each heading with what it is taken for, and whether it is imported."""
    found = []
    for heading, name in zip(of.headings, of.mapping, strict=True):
        known = name in headings.FIELDS
        words = label(name) if known else str(PASSED_OVER.get(name, PASSED_OVER[""]))
        found.append((" ".join(heading.split()) or "—", words, known))
    return found


def corrected(found: Iterable[ImportCorrection]) -> list[tuple[int, str]]:
    """Each cell that was corrected at the desk: its row, and what became of it."""
    words = _("%(column)s “%(value)s”: corrected here; the file says “%(said)s”.")
    without = _("%(column)s “%(value)s”: entered here; the file says nothing.")
    return [
        (
            each.number,
            (words if each.said else without)
            % {"column": label(each.column), "value": each.value[:80], "said": each.said[:80]},
        )
        for each in found
    ]
