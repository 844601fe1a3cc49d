"""Parse the cells of a row into the values of an organization."""

import re
from collections.abc import Collection, Iterator
from itertools import chain

from directory.duplicates import normalize
from directory.importing.parse import blanks, name_damage, name_doubts, name_remarks, terms
from directory.importing.parse import cells as parse_cells
from directory.importing.parse import names as parse_names
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.regions import RegionFinder
from directory.importing.parse.roles import RoleParser
from directory.importing.parse.terms import Terms
from directory.importing.readers import headings, limits
from directory.models import Alias, Kind, Organization
from directory.tabular import unescape_formula
from directory.text.normalization import normalize_characters

UNSTRIPPED_COLUMNS = ("name", "name_en", "description", "description_en")
ALIAS_SEPARATOR = re.compile("[;；\n]")
CODES = ("credit_code", "school_code")
# Columns that may tell that a member has left; a column of remarks is not imported.
STATE_COLUMNS = ("roles", "since", "until", "remark")
MAX_ALIAS_LENGTH = Alias._meta.get_field("name").max_length or 0


class RowParser:
    """Parse rows under one mapping; `options` may hold a community and a role for all rows."""

    def __init__(self, mapping: list[str], options: dict | None = None):
        self.columns = {name: at for at, name in enumerate(mapping) if name in headings.FIELDS}
        self.remark_columns = [at for at, name in enumerate(mapping) if name == "remark"]
        options = options or {}
        self.known_names = load_known_names()
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
        self._parse_departure(row, cells)
        return row

    def _select_cells(self, cells: list[str]) -> dict[str, str]:
        """Return the cells of imported columns by field; "" where a cell is blank or missing."""
        return {
            column: clean_cell(column, cells[at]) if at < len(cells) else ""
            for column, at in self.columns.items()
        }

    def _parse_texts(self, row: ParsedRow) -> None:
        """Set names and descriptions; a row without a Chinese name takes the English one."""
        for column in ("name", "name_en"):
            row.values[column] = parse_cells.normalize_line(row.cells.get(column, ""))
        for column in ("description", "description_en"):
            row.values[column] = parse_cells.normalize_text(row.cells.get(column, ""))
        if row.name and terms.normalize_term(row.name) not in self.known_names:
            self._parse_name(row)
        if name_damage.is_damaged(row.values["name_en"]):
            row.add_warning("name-damaged", "name_en", cell=row.values["name_en"][:60])
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
        if name_damage.is_damaged(row.name):
            row.add_warning("name-damaged", "name", cell=row.name[:60])
        if len(cell) > parse_names.MAX_LENGTH:
            return
        is_short = len(cell) <= name_doubts.MAX_TERM_LENGTH
        if not is_short and not parse_names.NEEDS_PARSING.search(cell):
            return
        for code in name_doubts.find_doubts(cell, self._is_term):
            row.add_warning(code, "name", cell=row.name[:60])
        parsed = parse_names.parse_name(row.name, self._is_place, bool(row.values["name_en"]))
        for remark in parsed.remarks:
            row.add_warning(remark.reason, "name", cell=remark.text[:60])
        if row.is_own_export:
            return
        row.values["name"] = parsed.name
        row.values["name_en"] = row.values["name_en"] or parsed.name_en
        row.aliases = [(name, sort, guess_language(name)) for name, sort in parsed.aliases]
        bases = [each.base for each in parsed.remarks]
        row.base_name = bases[-1] if bases and bases[-1] != parsed.name else ""

    def _parse_departure(self, row: ParsedRow, cells: list[str]) -> None:
        """Leave out the open roles of a row that says, beside the name or elsewhere, it has left.

        A row whose roles all end says so in the way that is asked for.
        """
        remarks = [cells[at] for at in self.remark_columns if at < len(cells)]
        remark = " ".join(filter(name_remarks.LEFT.search, remarks))
        row.cells["remark"] = normalize_characters(remark)
        for column in STATE_COLUMNS:
            cell = row.cells.get(column, "")
            has_ended = row.memberships and all(each["until"] for each in row.memberships)
            if name_remarks.LEFT.search(cell) and not has_ended:
                row.add_warning("left", column, cell=cell[:60])
        if any(reason.code == "left" for reason in row.reasons):
            row.memberships = [each for each in row.memberships if each["until"]]

    def _is_term(self, text: str) -> bool:
        """Whether the text is a place, a kind or a role."""
        term = terms.normalize_term(text)
        lookups = self.regions.codes_by_name, self.terms.kinds, self.terms.role_codes
        return any(term in lookup for lookup in lookups)

    def _is_place(self, text: str) -> bool:
        return terms.normalize_term(text) in self.regions.codes_by_name

    def _parse_kind(self, row: ParsedRow) -> None:
        cell, level = row.cells.get("kind", ""), row.cells.get("level", "")
        kind, warning, row.kinds = self.terms.determine_kind(cell, level, row.name)
        if kind:
            row.values["kind"] = kind
        if warning:
            column = "kind" if "kind" in self.columns or "level" not in self.columns else "level"
            row.add_warning(warning, column, cell=(cell or level)[:60])

    def _parse_region(self, row: ParsedRow) -> None:
        region_column = "region" if row.cells.get("region") else "region_name"
        parts = ("province", region_column, "city", "county")
        columns = [column for column in parts if row.cells.get(column)]
        cells = [parse_cells.normalize_line(row.cells[column]) for column in columns]
        if not cells:
            return
        match, cell = self.regions.find(*cells), " ".join(cells)[:80]
        match = self.regions.narrow(match, columns[-1])
        if match.candidates:
            paths = self._format_paths(match.candidates)
            row.add_warning("region-ambiguous", "region", cell=cell, paths=paths)
        elif match.conflicts:
            path, other = self.regions.get_path(match.code), self._format_paths(match.conflicts)
            code = "region-elsewhere" if has_code_of(row, match.code) else "region-conflict"
            row.add_warning(code, "region", cell=cell, path=path, other=other)
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
        school_code = parse_cells.parse_code(cells["school_code"])[0]
        if len(code) == 10 and code.isdigit() and school_code in ("", code):
            if not school_code:
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
            for part in self._split_aliases(row.cells.get(column, ""), row.is_own_export):
                name = parse_cells.normalize_line(part)
                if not name or name in names:
                    continue
                if name_damage.is_damaged(name):
                    row.add_warning("name-damaged", column, cell=name[:60])
                    continue
                if len(name) > MAX_ALIAS_LENGTH:
                    row.add_warning("long", column, cell=name[:30], most=250)
                    continue
                names.add(name)
                yield name, sort or guess_sort(name, row.name), guess_language(name)

    def _split_aliases(self, cell: str, is_own_export: bool) -> Iterator[str]:
        """Yield the names in a cell; a part may be a list in itself, unless it is known."""
        for part in ALIAS_SEPARATOR.split(cell) if cell else ():
            is_whole = is_own_export or terms.normalize_term(part) in self.known_names
            yield from [part] if is_whole else parse_names.split_names(part)


def load_known_names() -> frozenset[str]:
    """Return recorded names that are unlike most names: they are taken as they stand."""
    names = chain.from_iterable(
        model.objects.order_by().values_list("name", flat=True).iterator()
        for model in (Organization, Alias)
    )
    unlike = filter(parse_names.NEEDS_PARSING.search, names)
    return frozenset(map(terms.normalize_term, unlike))


def clean_cell(column: str, cell: str) -> str:
    """Return "" for a cell that says nothing; else the cell in ordinary characters.

    It is stripped unless it is a text.
    """
    cell = normalize_characters(unescape_formula(cell))
    if blanks.is_blank(column, cell):
        return ""
    return cell if column in UNSTRIPPED_COLUMNS else cell.strip()


def has_code_of(row: ParsedRow, region: str) -> bool:
    """Whether the school code names the province: a province may have a school in another one."""
    code = parse_cells.parse_code(row.cells.get("school_code", ""))[0]
    return len(code) == 10 and code[2:4] == region[:2]


def has_name(row: ParsedRow) -> bool:
    """Whether the name of the row may be one: not only a number, unless we exported it."""
    if any(map(str.isalpha, row.name)):
        return True
    return row.is_own_export and bool(normalize.normalize_name(row.name))


def guess_sort(name: str, registered: str) -> str:
    """Return the likely sort of an alias, where the list gives none."""
    if guess_language(name) == "en":
        return "short" if name.isupper() and len(name) <= 8 else "translation"
    return "short" if len(name) < len(registered) else "spelling"


def guess_language(name: str) -> str:
    """Return the language code of a name: "en" if it is all ASCII, else "zh-Hans"."""
    return "en" if name.isascii() else "zh-Hans"
