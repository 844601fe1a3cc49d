"""A workbook's archive, looked through by the stream before anybody opens it.

Each member is unpacked piece by piece against limits, and each sheet's XML is read for how far
it reaches, for its formulas and errors. Nothing here is proportional to what the archive claims.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from posixpath import join, normpath
from xml.parsers import expat

from directory.importing.readers import file_types, limits
from directory.importing.readers.limits import Unreadable

PIECE = 1 << 16
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
Formulas = dict[tuple[int, int], str]


def column_of(letters: str) -> int:
    """A gives 0, AA gives 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class Budget:
    """What may still be unpacked."""

    def __init__(self):
        self.left = limits.UNPACKED

    def pieces(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        read = 0
        most = max(limits.RATIO_FROM, limits.RATIO * max(member.compress_size, 1))
        with archive.open(member) as stream:
            while piece := stream.read(PIECE):
                read += len(piece)
                self.left -= len(piece)
                if self.left < 0 or read > most:
                    raise Unreadable("bomb")
                yield piece


class Sheet:
    """How far a sheet's XML reaches, its formulas and errors by row and column from 0.

    And which of its rows are hidden: those a filter left out, or somebody did.
    """

    def __init__(self):
        self.formulas: Formulas = {}
        self.hidden: set[int] = set()
        self.shared: dict[str, str] = {}
        self.row = self.column = -1
        self.cells = 0
        self.letters: set[str] = set()
        self.here, self.failed = "", False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = forbid

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self.column += 1
            self.here, self.failed = attributes.get("r", ""), attributes.get("t") == "e"
        elif tag == "v" or tag == "is":
            self.fill()
            if self.failed:
                self.collect(self.end_error)
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 2)) - 1, -1
            self.here = ""
            if attributes.get("hidden") in ("1", "true") and self.row < limits.ROWS:
                self.hidden.add(self.row + 1)
        elif tag == "f":
            self.fill()
            self.group = attributes.get("si", "")
            self.collect(self.end_formula)

    def collect(self, end: Callable[[str], None]) -> None:
        self.text: list[str] = []
        self.parser.CharacterDataHandler = self.text.append
        self.parser.EndElementHandler = end

    def fill(self) -> None:
        """A cell holds something: it counts, wherever it says that it stands."""
        self.cells += 1
        if self.cells > limits.CELLS:
            raise Unreadable("cells", most=limits.CELLS)
        if not self.here:
            self.reach(self.row, self.column)
            return
        letters = self.here.rstrip("0123456789")
        row = int(self.here[len(letters) :] or 0) - 1
        if letters not in self.letters or row > limits.ROWS:
            self.letters.add(letters)
            self.reach(row, column_of(letters))

    def reach(self, row: int, column: int) -> None:
        if row >= limits.ROWS:
            raise Unreadable("rows", found=row + 1, most=limits.ROWS)
        if column >= limits.COLUMNS:
            raise Unreadable("columns", found=column + 1, most=limits.COLUMNS)

    def end_formula(self, name: str) -> None:
        text = "".join(self.text)
        if self.group:
            text = (
                self.shared.setdefault(self.group, text)
                if text
                else self.shared.get(self.group, "")
            )
        self.formulas[self.place()] = f"={text}"[: limits.CELL]

    def end_error(self, name: str) -> None:
        self.formulas.setdefault(self.place(), "".join(self.text)[: limits.CELL])

    def place(self) -> tuple[int, int]:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        if len(self.formulas) >= limits.FORMULAS:
            raise Unreadable("cells", most=limits.FORMULAS)
        if found := REFERENCE.match(self.here):
            return int(found[2]) - 1, column_of(found[1])
        return self.row, self.column


def forbid(*_args: object) -> None:
    """A document type in a workbook is only ever an attack."""
    raise Unreadable("bomb")


class Names:
    """The elements of a small part: each with its attributes."""

    def __init__(self):
        self.found: list[tuple[str, dict[str, str]]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = forbid

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.found) < limits.MEMBERS:
            self.found.append((name.rpartition(":")[2], attributes))


def inspect(data: bytes) -> dict[str, Sheet]:
    """What its XML tells of each sheet, by its name; raises Unreadable if it is not sound."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _inspect(archive)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, expat.ExpatError,
        NotImplementedError, ValueError, OverflowError, RuntimeError, KeyError,
    ) as error:  # fmt: skip
        raise Unreadable("broken") from error


def _inspect(archive: zipfile.ZipFile) -> dict[str, Sheet]:
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(members) > limits.MEMBERS:
        raise Unreadable("bomb")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    if WORKBOOK not in names:
        raise file_types.of_archive(names)
    budget, parts, sheets = Budget(), {}, {}
    for member in members:
        reader = None
        if SHEET.match(member.filename):
            reader = sheets[member.filename] = Sheet()
        elif member.filename in (WORKBOOK, RELATIONS):
            reader = parts[member.filename] = Names()
        for piece in budget.pieces(archive, member):
            if reader:
                reader.parser.Parse(piece, False)
        if reader:
            reader.parser.Parse(b"", True)
    return {name: sheets[part] for name, part in _titles(parts).items() if part in sheets}


def _titles(parts: dict[str, Names]) -> dict[str, str]:
    """Which part holds the sheet of which name."""
    if RELATIONS not in parts:
        return {}
    targets = {
        found["Id"]: normpath(join("xl", found.get("Target", ""))).lstrip("/")
        for tag, found in parts[RELATIONS].found
        if tag == "Relationship" and "Id" in found
    }
    titles = {}
    for tag, found in parts[WORKBOOK].found:
        if tag == "sheet":
            key = next((v for k, v in found.items() if k.rpartition(":")[2] == "id"), "")
            titles[found.get("name", "")] = targets.get(key, "")
    return titles
