"""Parse the cells of a row into the values of an organization."""

import re
from collections.abc import Collection, Iterator

from directory.duplicates import normalize
from directory.importing.parse import blanks, terms
from directory.importing.parse import cells as parse_cells
from directory.importing.parse import names as parse_names
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.regions import RegionFinder
from directory.importing.parse.roles import RoleParser
from directory.importing.parse.terms import Terms
from directory.importing.readers import headings, limits
from directory.models import Alias, Kind
from directory.tabular import unescape_formula

UNSTRIPPED_COLUMNS = ("name", "name_en", "description", "description_en")
ALIAS_SEPARATOR = re.compile("[;；\n]")
CODES = ("credit_code", "school_code")
MAX_ALIAS_LENGTH = Alias._meta.get_field("name").max_length or 0


class RowParser:
    """Parse rows under one mapping; `options` may hold a community and a role for all rows."""

    def __init__(self, mapping: list[str], options: dict | None = None):
        self.columns = {name: at for at, name in enumerate(mapping) if name in headings.FIELDS}
        options = options or {}
        self.regions = RegionFinder()
        self.terms = Terms()
        communities = list(self.terms.community_by_code)
        default = communities[0] if len(communities) == 1 else ""
        community = options.get("community") or default
        self.roles = RoleParser(self.terms, options.get("role", ""), community)

    def parse(
        self, number: int, cells: list[str], computed_columns: Collection[int] = ()
    ) -> ParsedRow:
        """Return the row's values, and the reasons for what is refused, in doubt or noted."""
        row = ParsedRow(number, self._select_cells(cells))
        if limits.HIDDEN_ROW in computed_columns:
            row.add_warning("hidden-row", "name")
        for column in [name for name, at in self.columns.items() if at in computed_columns]:
            if cell := row.cells[column]:
                row.add_warning("formula-value", column, cell=cell[:60])
        for column, cell in row.cells.items():
            if cell.startswith("=") and column in headings.FIELDS:
                code = "formula-name" if column == "name" else "formula"
                row.add_warning(code, column, cell=cell[:60])
            elif cell.upper() in parse_cells.ERROR_VALUES:
                row.add_warning("error-value", column, cell=cell)
                row.cells[column] = ""
        self._parse_texts(row)
        self._parse_kind(row)
        self._parse_region(row)
        self._parse_codes(row)
        self._parse_other_columns(row)
        self.roles.parse(row)
        return row

    def _select_cells(self, cells: list[str]) -> dict[str, str]:
        """Return the cells of imported columns by field; "" where a cell is blank or missing."""
        return {
            column: clean_cell(column, unescape_formula(cells[at])) if at < len(cells) else ""
            for column, at in self.columns.items()
        }

    def _parse_texts(self, row: ParsedRow) -> None:
        """Set names and descriptions; a row without a Chinese name takes the English one."""
        for column in ("name", "name_en"):
            row.values[column] = parse_cells.normalize_line(row.cells.get(column, ""))
        for column in ("description", "description_en"):
            row.values[column] = parse_cells.normalize_text(row.cells.get(column, ""))
        if row.name and not row.is_own_export:
            self._parse_name(row)
        row.values["name"] = row.name or row.values["name_en"]
        row.values = {column: value for column, value in row.values.items() if value}
        for column, value in row.values.items():
            if reason := parse_cells.check_length(column, value):
                row.reasons.append(reason)
        if not has_name(row):
            row.add_warning("no-name", "name")

    def _parse_name(self, row: ParsedRow) -> None:
        """Split a name that holds more than the name: see parse.names."""
        cell = row.cells["name"]
        if len(cell) > parse_names.MAX_LENGTH or not parse_names.NEEDS_PARSING.search(cell):
            return
        for code in parse_names.find_doubts(cell):
            row.add_warning(code, "name", cell=parse_cells.normalize_line(cell)[:60])
        parsed = parse_names.parse_name(row.name, self._is_place, bool(row.values["name_en"]))
        row.values["name"] = parsed.name
        row.values["name_en"] = row.values["name_en"] or parsed.name_en
        row.aliases = [(name, sort, guess_language(name)) for name, sort in parsed.aliases]

    def _is_place(self, text: str) -> bool:
        return terms.normalize_term(text) in self.regions.codes_by_name

    def _parse_kind(self, row: ParsedRow) -> None:
        cell, level = row.cells.get("kind", ""), row.cells.get("level", "")
        kind, warning = self.terms.determine_kind(cell, level, row.name)
        if kind:
            row.values["kind"] = kind
        if warning:
            column = "kind" if "kind" in self.columns or "level" not in self.columns else "level"
            row.add_warning(warning, column, cell=(cell or level)[:60])

    def _parse_region(self, row: ParsedRow) -> None:
        region_column = "region" if row.cells.get("region") else "region_name"
        columns = ("province", region_column, "city", "county")
        cells = [row.cells.get(column, "") for column in columns]
        cells = [parse_cells.normalize_line(cell) for cell in cells if cell]
        if not cells:
            return
        match, cell = self.regions.find(*cells), " ".join(cells)[:80]
        if match.candidates:
            paths = self._format_paths(match.candidates)
            row.add_warning("region-ambiguous", "region", cell=cell, paths=paths)
        elif match.conflicts:
            path, other = self.regions.get_path(match.code), self._format_paths(match.conflicts)
            row.add_warning("region-conflict", "region", cell=cell, path=path, other=other)
        elif not match.code:
            row.add_warning("region-unknown", "region", cell=cell)
        else:
            row.values["region"] = match.code
            if match.unmatched:
                path = self.regions.get_path(match.code)
                row.add_warning("region-inferred", "region", cell=cell, path=path)

    def _format_paths(self, codes: tuple[str, ...]) -> str:
        return "; ".join(f"{self.regions.get_path(code)} {code}" for code in codes[:6])

    def _parse_codes(self, row: ParsedRow) -> None:
        """Set the codes; ten digits in the column of credit codes are a school code."""
        cells = {column: row.cells.get(column, "") for column in CODES}
        code = parse_cells.parse_code(cells["credit_code"])[0]
        if len(code) == 10 and code.isdigit():
            if not cells["school_code"]:
                cells["school_code"] = code
                row.add_warning("moved-code", "credit_code", cell=code)
            cells["credit_code"] = ""
        if cells["credit_code"]:
            row.set_parsed("credit_code", parse_cells.parse_credit_code(cells["credit_code"]))
        if cells["school_code"] and row.values.get("kind") == Kind.ENTERPRISE:
            cell = cells["school_code"][:30]
            row.add_warning("school-code-enterprise", "school_code", cell=cell)
        elif cells["school_code"]:
            row.set_parsed("school_code", parse_cells.parse_school_code(cells["school_code"]))

    def _parse_other_columns(self, row: ParsedRow) -> None:
        """Set web site, day of verification, sectors and aliases."""
        if website := row.cells.get("website"):
            row.set_parsed("website", parse_cells.parse_website(website))
            if reason := parse_cells.check_length("website", row.values.get("website", "")):
                row.reasons.append(reason)
        if day := row.cells.get("verified_on"):
            row.set_parsed("verified_on", parse_cells.parse_date(day, "verified_on"))
        for part in self.terms.split_sectors(row.cells.get("sectors", "")):
            code = self.terms.sector_codes.get(terms.normalize_term(part))
            if code is None:
                code = self.terms.sector_codes.get(terms.normalize_term(part.split()[0]))
            if code is None:
                row.add_warning("sector-unknown", "sectors", cell=part[:60])
            elif code not in row.sectors:
                row.sectors.append(code)
        row.aliases += self._iter_aliases(row)

    def _iter_aliases(self, row: ParsedRow) -> Iterator[tuple[str, str, str]]:
        """Yield name, sort and language of each further name in the columns of other names."""
        names = {row.name, row.values.get("name_en", ""), *(alias[0] for alias in row.aliases)}
        for column, sort in (("short", "short"), ("former", "former"), ("aliases", "")):
            for part in split_aliases(row.cells.get(column, ""), row.is_own_export):
                name = parse_cells.normalize_line(part)
                if not name or name in names:
                    continue
                if len(name) > MAX_ALIAS_LENGTH:
                    row.add_warning("long", column, cell=name[:30], most=250)
                    continue
                names.add(name)
                yield name, sort or guess_sort(name, row.name), guess_language(name)


def clean_cell(column: str, cell: str) -> str:
    """Return "" for a cell that says nothing; else the cell, stripped unless it is a text."""
    if blanks.is_blank(column, cell):
        return ""
    return cell if column in UNSTRIPPED_COLUMNS else cell.strip()


def has_name(row: ParsedRow) -> bool:
    """Whether the name of the row may be one: not only a number, unless we exported it."""
    if any(map(str.isalpha, row.name)):
        return True
    return row.is_own_export and bool(normalize.normalize_name(row.name))


def split_aliases(cell: str, is_own_export: bool) -> Iterator[str]:
    """Yield the names in a cell; a part may be a list in itself, unless we exported it."""
    for part in ALIAS_SEPARATOR.split(cell) if cell else ():
        yield from [part] if is_own_export else parse_names.split_names(part)


def guess_sort(name: str, registered: str) -> str:
    """Return the likely sort of an alias, where the list gives none."""
    if guess_language(name) == "en":
        return "short" if name.isupper() and len(name) <= 8 else "translation"
    return "short" if len(name) < len(registered) else "spelling"


def guess_language(name: str) -> str:
    """Return the language code of a name: "en" if it is all ASCII, else "zh-Hans"."""
    return "en" if name.isascii() else "zh-Hans"
