"""The columns of all lists of a sheet: where cells belong, how many are filled, what a code is."""

import re
import unicodedata

from directory.importing.readers import headings, limits
from directory.importing.readers.limits import UnreadableFile

SHOWN_VALUES = 3  # first values of a column that are shown, each cut to SHOWN_LENGTH
SHOWN_LENGTH = 30
SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u200b-\u200d\ufeff]")
SCHOOL_CODE = re.compile(r"\d\d[1-8]\d{7}(\.0+)?\Z")
# A digit too many or too few is asked about later; a number that lost digits is, too.
CREDIT_CODE = re.compile(r"(?=.*\d{6})[0-9A-Z]{17,19}\Z|\d(\.\d+)?E\+?1[4-8]\Z")
NEARLY_SCHOOL_CODE = re.compile(r"\d{9,11}(\.0+)?\Z")
SCHOOL_HEADING = re.compile("学校|院校|标识码")


class ColumnLayout:
    """The columns of the first list, those that only later lists have, and their fields.

    A list further down has headings of its own, so that its cells are moved into the columns
    that mean the same.
    """

    def __init__(self, names: list[str]):
        self.headings = list(names)
        self.mapping = headings.map_headings(names)
        self.list_headings: list[str] | None = None  # of a later list
        self.list_mapping: list[str] = []
        self.targets: dict[int, int] = {}

    def start_list(self, cells: list[str]) -> None:
        """Read the rows below by these headings."""
        column = self.find_name_column()
        self.list_headings, self.targets = list(cells), {}
        self.list_mapping = headings.map_headings(cells)
        if "name" not in self.list_mapping and column < len(cells):
            self.list_mapping[column] = "name"

    def find_name_column(self) -> int:
        """Return the column of names in the current list; beyond the last if it has none."""
        mapping = self.mapping if self.list_headings is None else self.list_mapping
        return mapping.index("name") if "name" in mapping else len(mapping)

    def place(self, cells: list[str]) -> list[str]:
        """Return the cells of a row, each in the column that it belongs to."""
        if self.list_headings is None:
            for at in range(len(self.headings), len(cells)):
                if cells[at].strip():
                    self._append("", "", at)
            return cells
        placed = [""] * len(self.headings)
        for at, cell in enumerate(cells):
            if cell.strip():
                column = self.get_target(at)
                placed += [""] * (len(self.headings) - len(placed))
                placed[column] = cell
        return placed

    def get_target(self, at: int) -> int:
        """Return the column where the cells of a list's column belong; a new one if need be."""
        if self.list_headings is None or at < 0:
            return at
        if at not in self.targets:
            heading = self.list_headings[at] if at < len(self.list_headings) else ""
            field = self.list_mapping[at] if at < len(self.list_mapping) else ""
            self.targets[at] = self._find_column(at, heading, field)
        return self.targets[at]

    def _find_column(self, at: int, heading: str, field: str) -> int:
        free = [column for column in range(len(self.headings)) if column not in self.taken]
        free.sort(key=lambda column: column != at)
        key = headings.normalize_heading(heading)
        for column in free:
            if field in headings.FIELDS and field == self.mapping[column]:
                return column
        for column in free:
            if self.mapping[column] not in headings.FIELDS or field not in headings.FIELDS:
                same_heading = headings.normalize_heading(self.headings[column]) == key
                if same_heading and (field == "adjacent") == (self.mapping[column] == "adjacent"):
                    return column
        is_taken = field in headings.FIELDS and field in self.mapping
        return self._append(heading, "twice" if is_taken else field, len(self.headings))

    @property
    def taken(self) -> set[int]:
        """The columns that hold cells of the current list."""
        return set(self.targets.values())

    def _append(self, heading: str, field: str, column: int) -> int:
        """Add a column, and those without a heading before it; return its index."""
        if column >= limits.COLUMNS:
            raise UnreadableFile("columns", found=column + 1, most=limits.COLUMNS)
        missing = column - len(self.headings)
        self.headings += [*[""] * missing, heading]
        self.mapping += [*[""] * missing, field]
        return column


class ColumnTally:
    """Count the filled cells of each column, and see which of them have the form of a code."""

    def __init__(self, layout: ColumnLayout):
        self.layout = layout
        self.counts: list[int] = []
        self.first_values: list[list[str]] = []
        self.has_school_code: set[int] = set()
        self.has_credit_code: set[int] = set()
        self.vague: dict[int, bool] = {}

    def add(self, cells: list[str], reason: str) -> None:
        """Count the cells of a row; of a skipped one those of a list beside the first."""
        if reason in ("title", "heading", "list", "blank"):
            return
        mapping = self.layout.mapping
        while len(self.counts) < len(mapping):
            self.counts.append(0)
            self.first_values.append([])
        for at, cell in enumerate(cells):
            if not cell or cell.isspace() or (reason and mapping[at] != "adjacent"):
                continue
            self.counts[at] += 1
            if len(self.first_values[at]) < SHOWN_VALUES:
                self.first_values[at].append(" ".join(cell.split())[:SHOWN_LENGTH])
            if self._is_vague(at):
                self._look_for_code(at, cell)

    def _look_for_code(self, column: int, cell: str) -> None:
        """Note whether the cell has the form of a code, if only cells tell what it means."""
        if column in self.has_credit_code and column in self.has_school_code:
            return
        text = SEPARATORS.sub("", unicodedata.normalize("NFKC", cell)).upper()
        is_school = SCHOOL_HEADING.search(self.layout.headings[column])
        if (NEARLY_SCHOOL_CODE if is_school else SCHOOL_CODE).match(text):
            self.has_school_code.add(column)
        elif CREDIT_CODE.match(text):
            self.has_credit_code.add(column)

    def _is_vague(self, column: int) -> bool:
        if column not in self.vague:
            self.vague[column] = headings.is_vague_code(self.layout.headings[column])
        return self.vague[column]

    def settle_codes(self) -> None:
        """Decide by its cells what each column with a vague heading of a code is.

        A column without any code is not imported ("codeless"); ten digits below a heading of
        both codes are school codes; the parser tells mixed cells apart.
        """
        mapping, fields = self.layout.mapping, {}
        for at, heading in enumerate(self.layout.headings):
            field = headings.find_field(heading)
            if field in headings.CODES and mapping[at] in (field, "twice"):
                fields[at] = self._decide_code(at, field)
        taken: set[str] = set()
        for at in sorted(fields, key=self._is_vague):
            mapping[at] = "twice" if fields[at] in taken else fields[at]
            taken |= {fields[at]} & set(headings.CODES)

    def _decide_code(self, column: int, field: str) -> str:
        """Return which code a column holds, "codeless" for none, by its cells if it is vague."""
        is_filled = column < len(self.counts) and self.counts[column]
        if not is_filled or not self._is_vague(column):
            return field
        if column not in self.has_school_code | self.has_credit_code:
            return "codeless"
        is_double = headings.is_double_code(self.layout.headings[column])
        return "school_code" if is_double and column not in self.has_credit_code else field

    def describe(self) -> dict[str, list]:
        """Return the columns, without empty ones at the end, as TableReading has them."""
        self.settle_codes()
        width = len(self.layout.headings)
        counts = self.counts + [0] * (width - len(self.counts))
        values = self.first_values + [[] for _column in range(width - len(self.first_values))]
        while width > 1 and not counts[width - 1] and not self.layout.headings[width - 1].strip():
            width -= 1
        return {
            "headings": self.layout.headings[:width],
            "mapping": self.layout.mapping[:width],
            "filled_counts": counts[:width],
            "first_values": values[:width],
        }
