"""A list inside a sheet: its headings, its rows, and what is passed over, each with its number."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from directory.importing.readers import headings, skipped_rows
from directory.importing.readers.limits import Unreadable

SHOWN = 60
CODES = ("number", "credit_code", "school_code", "website", "name_en")
# Columns in which a text of many words may begin like a note.
WORDED = ("remark", "contact", "description", "description_en")


@dataclass
class Table:
    """A list: where its headings stand, what they mean, and its rows still to be read."""

    header_row: int
    headings: list[str]
    mapping: list[str]
    score: int
    above: list[tuple[int, list[str]]]
    rest: Iterator[tuple[int, list[str]]]
    spanned: set[int]
    second: int = 0
    # Whether nothing stands below the headings.
    bare: bool = False
    # By row, the columns whose values were computed by a formula that is not known.
    valued: dict[int, list[int]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, list[str], str]]:
        """Every row that is not blank at the end, with the reason if it is passed over."""
        for number, cells in self.above:
            yield number, cells, "title" if any(map(str.strip, cells)) else "blank"
        if self.second > self.header_row:
            yield self.second, self.headings, "heading"
        blank: list[int] = []
        for number, cells in self.rest:
            reason = self.reason(number, cells)
            if reason == "blank":
                blank.append(number)
                continue
            yield from ((each, [], "blank") for each in blank)
            blank.clear()
            yield number, cells, reason

    def reason(self, number: int, cells: list[str]) -> str:
        filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return "blank"
        texts = [skipped_rows.squeezed(text) for _column, text in filled[:2]]
        if any(map(skipped_rows.TOTAL.match, texts)):
            return "total"
        if self.repeats(filled):
            return "heading"
        if len(filled) == 1:
            return self.alone(number, *filled[0])
        return self.begun(self.column(filled[0][0]), texts, len(filled))

    def begun(self, name: str, texts: list[str], count: int) -> str:
        """Why a row with several filled cells is passed over, by how it begins."""
        if name not in WORDED and skipped_rows.FOOTER.match(texts[0]):
            return "note"
        if name not in ("sequence", ""):
            return ""
        if name and skipped_rows.is_example(texts[0]):
            return "note"
        return "separator" if count == 2 and skipped_rows.heads_section(*texts) else ""

    def repeats(self, filled: list[tuple[int, str]]) -> bool:
        same = [
            self.column(column) and headings.plain(text) == headings.plain(self.headings[column])
            for column, text in filled
            if column < len(self.headings)
        ]
        return sum(map(bool, same)) >= max(2, len(filled) // 2)

    def column(self, column: int) -> str:
        return self.mapping[column] if column < len(self.mapping) else ""

    def alone(self, number: int, column: int, text: str) -> str:
        """Why a row with a single filled cell is passed over, if it is."""
        name = self.column(column)
        if skipped_rows.NOTE.match(text) or skipped_rows.FOOTER.match(text):
            return "note"
        if name == "sequence" and text.isdigit():
            return "numbered"
        if number in self.spanned or skipped_rows.separates(text, name == "name"):
            return "separator"
        if name in CODES:
            return ""
        if len(self.headings) > 1 and name != "name":
            return "separator"
        return ""


def found(rows: Iterator[tuple[int, list[str]]], spanned: set[int] = frozenset()) -> Table | None:
    """The list in these rows, or None where no row names columns."""
    first = list(islice(rows, headings.SEARCHED))
    scores = [headings.score(cells) for _number, cells in first]
    best = max(scores, default=0)
    if best < 2:
        return None
    at = scores.index(best)
    number, cells = first[at]
    names, second = list(cells), number
    if at and scores[at - 1]:
        names = over(first[at - 1][1], names)
    if at + 1 < len(first) and is_below(first[at + 1][1], names):
        second = first[at + 1][0]
        names = over(names, first[at + 1][1])
    below = first[at + 1 + (second > number) :]
    names = as_wide_as_filled(names, below)
    mapping, rest = headings.mapping(names), chain(below, rows)
    table = Table(number, names, mapping, best, first[:at], rest, spanned, second)
    table.bare = len(first) < headings.SEARCHED and not any(map(has_any, below))
    return table


def has_any(row: tuple[int, list[str]]) -> bool:
    return any(map(str.strip, row[1]))


def as_wide_as_filled(names: list[str], below: list[tuple[int, list[str]]]) -> list[str]:
    """The headings as far as one stands, or anything below them."""
    rows = [names, *(cells for _number, cells in below)]
    width = 1 + max(at for cells in rows for at, cell in enumerate(cells) if cell.strip())
    return names[:width] + [""] * (width - len(names))


def over(upper: list[str], lower: list[str]) -> list[str]:
    """Two rows of headings as one: the lower one says more, where it says anything."""
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    return [below if below.strip() else above for above, below in zip(upper, lower, strict=True)]


def is_below(cells: list[str], names: list[str]) -> bool:
    """Whether this row only divides what the row of headings above it left undivided."""
    filled = [column for column, cell in enumerate(cells) if cell.strip()]
    if not filled or headings.score(cells) < 2 or "name" in map(headings.meaning, cells):
        return False
    known = all(headings.meaning(cells[column]) for column in filled)
    return known and len(filled) < sum(1 for name in names if name.strip())


def require(table: Table | None) -> Table:
    if table is None:
        raise Unreadable("headless", rows=headings.SEARCHED)
    return table
