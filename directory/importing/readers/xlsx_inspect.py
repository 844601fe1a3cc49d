"""Inspect the ZIP archive of an XLSX workbook as a stream, before calamine opens it.

Each member is unpacked in chunks against limits, and each sheet's XML is scanned for its extent,
its formulas, its error values, its hidden rows and the days that it shows in part. No memory is
taken in proportion to what the archive claims.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from posixpath import join, normpath
from xml.parsers import expat

from directory.importing.readers import file_types, limits
from directory.importing.readers.limits import UnreadableFile
from directory.importing.readers.number_formats import StyleScan, refuse_doctype

CHUNK_SIZE = 1 << 16
WORKBOOK = "xl/workbook.xml"
RELATIONSHIPS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
Formulas = dict[tuple[int, int], str]


def parse_column(letters: str) -> int:
    """Return the index of a column: 0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class UnpackBudget:
    """Count the unpacked bytes of all members against the limits."""

    def __init__(self) -> None:
        self.remaining = limits.UNPACKED_SIZE

    def iter_chunks(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield a member's bytes in chunks; raises UnreadableFile where they are too many."""
        read = 0
        packed_size = max(member.compress_size, 1)
        most = max(limits.RATIO_CHECKED_FROM, limits.COMPRESSION_RATIO * packed_size)
        with archive.open(member) as stream:
            while chunk := stream.read(CHUNK_SIZE):
                read += len(chunk)
                self.remaining -= len(chunk)
                if self.remaining < 0 or read > most:
                    raise UnreadableFile("bomb")
                yield chunk


class SheetScan:
    """Scan a sheet's XML: check its extent, collect formulas, error values and hidden rows.

    `formulas` holds the text of formulas and errors by row and column from 0; `hidden_rows` the
    numbers from 1 of rows that a filter or somebody hid; `partial_days`, by row and column from 0,
    what a number shows of its day where `styles` tell that it shows less than all.
    """

    def __init__(self, styles: dict[str, str] | None = None) -> None:
        self.styles = styles or {}
        self.formulas: Formulas = {}
        self.partial_days: dict[int, dict[int, str]] = {}
        self.shown_parts = ""
        self.hidden_rows: set[int] = set()
        self.shared_formulas: dict[str, str] = {}
        self.row = self.column = -1
        self.cell_count = 0
        self.checked_columns: set[str] = set()
        self.reference, self.is_error = "", False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element: a row, a cell, its value or its formula."""
        tag = name.rpartition(":")[2]
        if tag == "c":
            self.column += 1
            self.reference, self.is_error = attributes.get("r", ""), attributes.get("t") == "e"
            is_number = attributes.get("t", "n") in ("n", "d")
            self.shown_parts = self.styles.get(attributes.get("s", ""), "") if is_number else ""
        elif tag == "v" or tag == "is":
            self.count_cell()
            if self.shown_parts:
                row, column = self.get_position()
                self.partial_days.setdefault(row, {})[column] = self.shown_parts
            if self.is_error:
                self.collect_text(self.end_error)
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 2)) - 1, -1
            self.reference = ""
            if attributes.get("hidden") in ("1", "true") and self.row < limits.ROWS:
                self.hidden_rows.add(self.row + 1)
        elif tag == "f":
            self.count_cell()
            self.shared_index = attributes.get("si", "")
            self.collect_text(self.end_formula)

    def collect_text(self, end: Callable[[str], None]) -> None:
        """Collect the text of this element, and call `end` where it ends."""
        self.text: list[str] = []
        self.parser.CharacterDataHandler = self.text.append
        self.parser.EndElementHandler = end

    def count_cell(self) -> None:
        """Count a cell that is not empty, and check that it lies within the limits."""
        self.cell_count += 1
        if self.cell_count > limits.CELLS:
            raise UnreadableFile("cells", most=limits.CELLS)
        if not self.reference:
            self.check_extent(self.row, self.column)
            return
        letters = self.reference.rstrip("0123456789")
        row = int(self.reference[len(letters) :] or 0) - 1
        if letters not in self.checked_columns or row > limits.ROWS:
            self.checked_columns.add(letters)
            self.check_extent(row, parse_column(letters))

    def check_extent(self, row: int, column: int) -> None:
        """Raise UnreadableFile if a cell lies outside of the rows and columns that are read."""
        if row >= limits.ROWS:
            raise UnreadableFile("rows", found=row + 1, most=limits.ROWS)
        if column >= limits.COLUMNS:
            raise UnreadableFile("columns", found=column + 1, most=limits.COLUMNS)

    def end_formula(self, name: str) -> None:
        """Store the formula of this cell; a shared one is written out in its first cell only."""
        text = "".join(self.text)
        if self.shared_index:
            text = (
                self.shared_formulas.setdefault(self.shared_index, text)
                if text
                else self.shared_formulas.get(self.shared_index, "")
            )
        self.formulas[self.finish_cell()] = f"={text}"[: limits.CELL_LENGTH]

    def end_error(self, name: str) -> None:
        """Store the error value of this cell, unless it has a formula."""
        self.formulas.setdefault(self.finish_cell(), "".join(self.text)[: limits.CELL_LENGTH])

    def finish_cell(self) -> tuple[int, int]:
        """Stop collecting text, and return the row and column of this cell."""
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        if len(self.formulas) >= limits.FORMULAS:
            raise UnreadableFile("cells", most=limits.FORMULAS)
        return self.get_position()

    def get_position(self) -> tuple[int, int]:
        """Return the row and column of this cell."""
        if match := CELL_REFERENCE.match(self.reference):
            return int(match[2]) - 1, parse_column(match[1])
        return self.row, self.column


class ElementCollector:
    """Collect the elements of a small XML part, each with its attributes."""

    def __init__(self) -> None:
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if len(self.elements) < limits.ARCHIVE_MEMBERS:
            self.elements.append((name.rpartition(":")[2], attributes))


def inspect_workbook(data: bytes) -> dict[str, SheetScan]:
    """Return the scan of each sheet by its name; raises UnreadableFile if it is not sound."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _inspect_archive(archive)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, expat.ExpatError,
        NotImplementedError, ValueError, OverflowError, RuntimeError, KeyError,
    ) as error:  # fmt: skip
        raise UnreadableFile("broken") from error


def _inspect_archive(archive: zipfile.ZipFile) -> dict[str, SheetScan]:
    members = archive.infolist()
    _check_members(members)
    budget = UnpackBudget()
    parts: dict[str, ElementCollector] = {}
    sheets: dict[str, SheetScan] = {}
    styles = StyleScan()
    for member in sorted(members, key=lambda member: member.filename != STYLES):
        reader: SheetScan | ElementCollector | StyleScan | None = None
        if SHEET.match(member.filename):
            reader = sheets[member.filename] = SheetScan(styles.shown_parts)
        elif member.filename == STYLES:
            reader = styles
        elif member.filename in (WORKBOOK, RELATIONSHIPS):
            reader = parts[member.filename] = ElementCollector()
        for chunk in budget.iter_chunks(archive, member):
            if reader:
                reader.parser.Parse(chunk, False)
        if reader:
            reader.parser.Parse(b"", True)
    names = _map_sheet_names(parts)
    return {name: sheets[part] for name, part in names.items() if part in sheets}


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Raise UnreadableFile if the archive has too many members, a password, or no workbook."""
    names = {member.filename for member in members}
    if len(members) > limits.ARCHIVE_MEMBERS:
        raise UnreadableFile("bomb")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("password")
    if WORKBOOK not in names:
        raise file_types.get_archive_refusal(names)


def _map_sheet_names(parts: dict[str, ElementCollector]) -> dict[str, str]:
    """Return the name of the archive member of each sheet, by the sheet's name."""
    if RELATIONSHIPS not in parts:
        return {}
    targets = {
        attributes["Id"]: normpath(join("xl", attributes.get("Target", ""))).lstrip("/")
        for tag, attributes in parts[RELATIONSHIPS].elements
        if tag == "Relationship" and "Id" in attributes
    }
    members = {}
    for tag, attributes in parts[WORKBOOK].elements:
        if tag == "sheet":
            key = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            members[attributes.get("name", "")] = targets.get(key, "")
    return members
