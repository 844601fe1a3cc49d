"""Find the table in the rows of a sheet: its headings, its rows, and the rows to skip."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import chain, islice

from directory.importing.readers import headings, skipped_rows
from directory.importing.readers.columns import ColumnLayout
from directory.importing.readers.limits import UnreadableFile

SHOWN_LENGTH = 60  # characters of a skipped row that are shown
# Columns whose cell, alone in its row, still makes a row of the list.
IDENTIFYING_COLUMNS = ("number", "credit_code", "school_code", "website", "name_en")
# Columns in which a text of many words may begin like a note.
TEXT_COLUMNS = ("remark", "contact", "description", "description_en")


@dataclass
class DetectedTable:
    """A table: where its headings stand, their fields, and its rows, which are still to be read.

    Lists further down, with headings of their own, belong to it: `layout` grows by their columns.
    """

    header_row: int
    layout: ColumnLayout
    score: int
    rows_above: list[tuple[int, list[str]]]
    rows_below: Iterator[tuple[int, list[str]]]
    spanned_rows: Set[int]
    # The second row of headings, or header_row where there is one only.
    second_header_row: int = 0
    last_headings: list[str] = field(default_factory=list)
    last_header_row: int = 0
    # Whether nothing stands below the headings.
    is_empty: bool = False
    # By row, the columns that hold the value of a formula that is not known.
    computed_columns: dict[int, list[int]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, list[str], str]]:
        """Yield number, cells and reason to skip it ("" for none) of each row.

        Blank rows at the end are left out.
        """
        for number, cells in self.rows_above:
            yield number, cells, "title" if any(map(str.strip, cells)) else "blank"
        if self.second_header_row > self.header_row:
            yield self.second_header_row, self.headings, "heading"
        blank: list[int] = []
        for number, cells in self.rows_below:
            if not any(map(str.strip, cells)):
                blank.append(number)
                continue
            yield from ((blank_number, [], "blank") for blank_number in blank)
            blank.clear()
            if reason := self._start_list(number, cells):
                yield number, cells, reason
            else:
                placed = self.layout.place(cells)
                yield number, placed, self.find_skip_reason(number, placed)

    def _start_list(self, number: int, cells: list[str]) -> str:
        """Return why a row of headings is skipped, "" if it is none; rows below go by it."""
        above, is_below = self.last_headings, number == self.last_header_row + 1
        if is_below and is_second_header_row(cells, above):
            cells = merge_header_rows(above, cells)
        elif not self._is_heading_row(cells):
            return ""
        self.last_headings, self.last_header_row = cells, number
        own = self.headings + [""] * (len(cells) - len(self.headings))
        is_same = all(
            not cell.strip() or headings.normalize_heading(cell) == headings.normalize_heading(name)
            for cell, name in zip(cells, own, strict=False)
        )
        if not is_same or self.layout.list_headings is not None:
            self.layout.start_list(cells)
        return "heading" if is_same else "list"

    def _is_heading_row(self, cells: list[str]) -> bool:
        """Whether the row repeats headings, or names columns where a row would hold a name."""
        filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell.strip()]
        if self.repeats_headings(filled):
            return True
        at = self.layout.find_name_column()
        name = cells[at].strip() if at < len(cells) else ""
        if name and not headings.find_field(name):
            # A row of the list, unless all the rest are headings.
            rest = (text for column, text in filled if column != at)
            if len(filled) < 4 or not all(map(headings.find_field, rest)):
                return False
            return headings.is_heading_row(cells, 1 - 1 / len(filled))
        return headings.is_heading_row(cells)

    @property
    def headings(self) -> list[str]:
        """The headings of all columns."""
        return self.layout.headings

    def find_computed_columns(self, number: int) -> list[int]:
        """Return the columns of the row that hold a formula's last value; see Row."""
        return [self.layout.get_target(at) for at in self.computed_columns.get(number, ())]

    def find_skip_reason(self, number: int, cells: list[str]) -> str:
        """Return why the row is not one of the list (a key of SKIP_REASONS), or ""."""
        filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return "blank"
        if "adjacent" in self.layout.mapping:
            filled = [each for each in filled if self.get_field(each[0]) != "adjacent"]
            if not filled:
                return "adjacent"
        texts = [skipped_rows.remove_whitespace(text) for _column, text in filled[:2]]
        if any(map(skipped_rows.TOTAL.match, texts)):
            return "total"
        if len(filled) == 1:
            return self._find_reason_of_single_cell(number, *filled[0])
        return self._find_reason_by_start(self.get_field(filled[0][0]), texts, len(filled))

    def _find_reason_by_start(self, name: str, texts: list[str], count: int) -> str:
        """Return why a row of `count` filled cells is skipped, by its first two, or ""."""
        if name not in TEXT_COLUMNS and skipped_rows.FOOTER.match(texts[0]):
            return "note"
        if name not in ("sequence", ""):
            return ""
        if name and skipped_rows.is_example(texts[0]):
            return "note"
        return "separator" if count == 2 and skipped_rows.is_section_heading(*texts) else ""

    def repeats_headings(self, filled: list[tuple[int, str]]) -> bool:
        """Whether at least half of the filled cells, and two, repeat the headings above them."""
        repeated = [
            self.get_field(column)
            and headings.normalize_heading(text)
            == headings.normalize_heading(self.headings[column])
            for column, text in filled
            if column < len(self.headings)
        ]
        return sum(map(bool, repeated)) >= max(2, len(filled) // 2)

    def get_field(self, column: int) -> str:
        """Return the field of a column, "" if it has none or lies beyond the headings."""
        return self.layout.mapping[column] if column < len(self.layout.mapping) else ""

    def _find_reason_of_single_cell(self, number: int, column: int, text: str) -> str:
        """Return why a row with one filled cell is skipped, or ""."""
        name = self.get_field(column)
        if skipped_rows.NOTE.match(text) or skipped_rows.FOOTER.match(text):
            return "note"
        if name == "sequence" and text.isdigit():
            return "numbered"
        if number in self.spanned_rows or skipped_rows.is_separator(text, name == "name"):
            return "separator"
        if name in IDENTIFYING_COLUMNS:
            return ""
        if len(self.headings) > 1 and name != "name":
            return "separator"
        return ""


def detect_table(
    rows: Iterator[tuple[int, list[str]]], spanned_rows: Set[int] = frozenset()
) -> DetectedTable | None:
    """Return the table in these rows, or None where no row names columns."""
    first = list(islice(rows, headings.HEADER_SEARCH_ROWS))
    scores = [headings.score_header_row(cells) for _number, cells in first]
    best = max(scores, default=0)
    if best < 2:
        return None
    at = find_first_list(first, scores.index(best))
    number, cells = first[at]
    names, second = list(cells), number
    if at and scores[at - 1]:
        names = merge_header_rows(first[at - 1][1], names)
    if at + 1 < len(first) and is_second_header_row(first[at + 1][1], names):
        second = first[at + 1][0]
        names = merge_header_rows(names, first[at + 1][1])
    below = first[at + 1 + (second > number) :]
    layout, rest = ColumnLayout(strip_trailing_blanks(names)), chain(below, rows)
    table = DetectedTable(number, layout, best, first[:at], rest, spanned_rows, second)
    table.is_empty = len(first) < headings.HEADER_SEARCH_ROWS and not any(map(is_filled, below))
    return table


def find_first_list(first: list[tuple[int, list[str]]], best: int) -> int:
    """Return the index of the first row of headings with rows below it, at most `best`.

    The headings of a list further down may be better than those of the first one.
    """
    for at in range(best - 1):
        between = (cells for _number, cells in first[at + 1 : best] if any(map(str.strip, cells)))
        if headings.is_heading_row(first[at][1], share=0.75) and not all(
            map(headings.is_heading_row, between)
        ):
            return at
    return best


def is_filled(row: tuple[int, list[str]]) -> bool:
    """Whether any cell of a numbered row holds anything."""
    return any(map(str.strip, row[1]))


def strip_trailing_blanks(cells: list[str]) -> list[str]:
    """Return the cells up to the last one that holds anything."""
    width = max((at + 1 for at, cell in enumerate(cells) if cell.strip()), default=0)
    return cells[:width]


def merge_header_rows(upper: list[str], lower: list[str]) -> list[str]:
    """Return two rows of headings as one: the lower heading where there is one, else the upper."""
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    return [below if below.strip() else above for above, below in zip(upper, lower, strict=True)]


def is_second_header_row(cells: list[str], names: list[str]) -> bool:
    """Whether this row only subdivides some of the headings in the row above it."""
    filled = [column for column, cell in enumerate(cells) if cell.strip()]
    if not filled or headings.score_header_row(cells) < 2:
        return False
    if "name" in map(headings.find_field, cells):
        return False
    all_known = all(headings.find_field(cells[column]) for column in filled)
    return all_known and len(filled) < sum(1 for name in names if name.strip())


def require_table(table: DetectedTable | None) -> DetectedTable:
    """Return the table; raises UnreadableFile where there is none."""
    if table is None:
        raise UnreadableFile("headless", rows=headings.HEADER_SEARCH_ROWS)
    return table
