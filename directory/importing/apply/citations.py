"""Cites a source for what an import wrote, quoting the cells of the row; only if one was chosen.

What the officer corrected, or the parser inferred, is cited as an inference from those cells.
"""

from collections.abc import Iterator
from typing import NamedTuple

from directory.db.bulk import InstanceFactory, bulk_insert_models
from directory.history.recorder import ChangeRecorder
from directory.importing.apply.list_source import FILE_SOURCE, ListSource
from directory.importing.apply.selection import WrittenRow
from directory.importing.parse.blanks import is_blank
from directory.importing.parse.rows import guess_language
from directory.importing.plan.diff import INFERRED_REASONS, SOURCE_COLUMNS
from directory.importing.readers import reader
from directory.models import Alias, Citation, Evidence, Import, ImportCorrection, Membership
from directory.models.citation import get_field_names
from directory.permissions.policy import Account
from directory.tabular import unescape_formula
from directory.text.normalization import normalize_characters

REQUIRED_PERMISSIONS = ("directory.add_source", "directory.add_citation")
CITATION_FACTORY = InstanceFactory(Citation)
LANGUAGES = {"name_en": "en", "description_en": "en"}
ALIAS_COLUMNS = ("short", "former", "aliases")
MEMBERSHIP_FIELD_COLUMNS = {"role": ("roles",), "since": ("since",), "until": ("until",)}


def may_cite(user: Account) -> bool:
    """Whether the account may enter sources and citations; a command (None) may."""
    return user is None or user.has_perms(REQUIRED_PERMISSIONS)


class CitationWriter:
    """Cites the rows of one import in their order; without a source it does nothing."""

    def __init__(self, job: Import | None = None, change: ChangeRecorder | None = None):
        self.source = job.options.get("source", "") if job else ""
        self.list_source = ListSource.from_job(job) if job else None
        if self.source == FILE_SOURCE and self.list_source is None:
            self.source = ""
        if job and change and self.source:
            self.job, self.change = job, change
            self.rows = reader.reread_import(job).rows()
            self.columns = {name: at for at, name in enumerate(job.mapping) if name}
            corrections = ImportCorrection.objects.filter(of=job)
            self.corrected_cells = {*corrections.values_list("number", "column")}
            self.cells_by_row: dict[int, dict[str, str]] = {}

    def cite(self, written: list[WrittenRow]) -> None:
        """Insert the citations of these rows; the first time also the list as a source."""
        if not (self.source and written):
            return
        if self.source == FILE_SOURCE and self.list_source:
            self.source = self.create_source(self.list_source)
        cells = self.load_cells({each.row.number for each in written})
        keys = RelatedKeys([each.organization.pk for each in written])
        citations = (
            citation
            for each in written
            for citation in self.build_citations(each, RowCells(cells[each.row.number]), keys)
        )
        bulk_insert_models([*citations])

    def create_source(self, facts: ListSource) -> str:
        """Create the list as a source, unless there is one of the same file; return its code."""
        source, is_new = facts.save_source(self.job)
        if is_new:
            self.change.mark_changed(source)
        return source.code

    def load_cells(self, numbers: set[int]) -> dict[int, dict[str, str]]:
        """Return the cells of these rows, by column; the numbers must grow from call to call.

        Only the rows of the last call can be loaded again.
        """
        if numbers <= self.cells_by_row.keys():
            return self.cells_by_row
        self.cells_by_row = {}
        while len(self.cells_by_row) < len(numbers):
            row = next(self.rows)
            if row.number in numbers:
                self.cells_by_row[row.number] = self.get_filled_cells(row.cells)
        return self.cells_by_row

    def get_filled_cells(self, row: list[str]) -> dict[str, str]:
        """Return the cells that are not blank, by column."""
        cells = {name: row[at] for name, at in self.columns.items() if at < len(row)}
        cells = {
            name: normalize_characters(unescape_formula(cell)).strip()
            for name, cell in cells.items()
        }
        return {name: cell for name, cell in cells.items() if not is_blank(name, cell)}

    # -- What is cited -------------------------------------------------------

    def build_citations(
        self, written: WrittenRow, cells: "RowCells", keys: "RelatedKeys"
    ) -> Iterator[Citation]:
        """Build the citations of the organization, its aliases and its memberships."""
        number, pk = written.row.number, written.organization.pk
        reasons = written.row.reasons
        inferred = {column for code, column, _params in reasons if code in INFERRED_REASONS}
        for field in get_field_names(Citation.ORGANIZATION_FIELDS):
            if written.values.get(field):
                columns = SOURCE_COLUMNS.get(field, (field,))
                quote = Quote(number, field, columns, bool(inferred & {field, *columns}))
                yield from self.build_citation(quote, cells, organization_id=pk)
        for name, _sort, _language in written.values.get("aliases", ()):
            if alias := keys.aliases.get((pk, name)):
                quote = Quote(number, "", cells.find_name_column(name))
                yield from self.build_citation(quote, cells, alias_id=alias)
        for values in written.values.get("memberships", ()):
            if membership := keys.get_membership(pk, values):
                for quote in quote_membership(number, values, cells):
                    yield from self.build_citation(quote, cells, membership_id=membership)

    def build_citation(self, quote: "Quote", cells: "RowCells", **owner: int) -> Iterator[Citation]:
        """Build the citation for what is quoted; nothing if the cells are empty."""
        corrected = any((quote.number, name) in self.corrected_cells for name in quote.columns)
        from_name = (quote.is_inferred or quote.field == "name_en") and not corrected
        passage = cells.join(*quote.columns) or (cells.name if from_name else "")
        if passage:
            evidence = Evidence.INFERRED if quote.is_inferred or corrected else Evidence.STATED
            yield CITATION_FACTORY.build(
                {
                    "source_id": self.source,
                    "passage": passage,
                    "place": str(quote.number),
                    "field": quote.field,
                    "evidence": str(evidence),
                    "language": LANGUAGES.get(quote.field) or guess_language(passage),
                    **owner,
                }
            )


class Quote(NamedTuple):
    """What is to be cited: a field, and the columns of the row that are quoted."""

    number: int
    field: str
    columns: tuple[str, ...]
    is_inferred: bool = False


class RowCells(dict[str, str]):
    """The cells of one row, by column."""

    def join(self, *columns: str) -> str:
        """Return the text of these columns."""
        return " ".join(filter(None, map(self.get, columns)))

    @property
    def name(self) -> str:
        return self.join("name") or self.join("name_en")

    def find_name_column(self, alias: str) -> tuple[str, ...]:
        """Return the column that holds this name; empty if none does, as of a name replaced."""
        return next(((c,) for c in (*ALIAS_COLUMNS, "name") if alias in self.get(c, "")), ())


def quote_membership(number: int, values: dict, cells: RowCells) -> Iterator[Quote]:
    """Yield what is cited of a membership; of a recorded one (with a key) only its days."""
    for field in ("since", "until") if "key" in values else ("role", "since", "until"):
        if field == "role" or values.get(field):
            is_inferred = field == "role" and not cells.join("roles")
            yield Quote(number, field, MEMBERSHIP_FIELD_COLUMNS[field], is_inferred)


class RelatedKeys:
    """Primary keys of aliases and memberships of organizations, by their values."""

    def __init__(self, pks: list[int]):
        aliases = Alias.objects.filter(organization__in=pks).order_by()
        self.aliases = {
            (owner, name): pk
            for owner, name, pk in aliases.values_list("organization_id", "name", "pk")
        }
        memberships = Membership.objects.filter(organization__in=pks).order_by("pk")
        columns = ("organization_id", "community__code", "role_id", "pk")
        self.memberships = {
            (owner, community, role): pk
            for owner, community, role, pk in memberships.values_list(*columns)
        }

    def get_membership(self, owner: int, values: dict) -> int | None:
        """Return the key of the membership that these values created or changed."""
        seat = owner, values["community"], values["role"]
        return values.get("key") or self.memberships.get(seat)
