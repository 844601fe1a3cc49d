"""A list inside a sheet: its headings, its rows, and what is passed over, each with its number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from directory.desk.imports import headings
from directory.desk.imports.limits import Unreadable

SHOWN = 60
TOTAL = re.compile(
    r"(合计|总计|共计|小计|总数|累计|grandtotal|subtotal|total|sum)[:：]?\d*"
    r"(所|家|个|校|项|名|人|条)?(单位|学校|企业)?[。.]?\Z"
    r"|(以上)?(合计|总计|共计|共有|共)[:：]?\d+(所|家|个|校|项|名|条)",
    re.I,
)
NOTE = re.compile(
    r"(备注|注|说明|填表|制表|审核|数据来源|来源|note|source)[\d一二三]?[:：人日]", re.I
)
SEPARATOR = re.compile(
    r"[(（]?[一二三四五六七八九十]+[)）、.．]|第[一二三四五六七八九十]+[批类部章组]"
    r"|.*[(（]\s*(共\s*)?\d+\s*(所|家|个|校|户)\s*[)）]\Z"
    r"|\w{1,8}(省|自治区|特别行政区|省份|直辖市|院校|高校|学校|企业|单位|机构|协会)(名单|类|部分)?\Z"
)
CODES = ("number", "credit_code", "school_code", "website", "name_en")


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
        texts = [re.sub(r"\s+", "", text) for _column, text in filled[:2]]
        if any(TOTAL.match(text) for text in texts):
            return "total"
        if self.repeats(filled):
            return "heading"
        if len(filled) == 1:
            return self.alone(number, *filled[0])
        return ""

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
        if NOTE.match(text):
            return "note"
        if name == "sequence" and text.isdigit():
            return "numbered"
        if number in self.spanned or SEPARATOR.match(text):
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
    rest = chain(first[at + 1 + (second > number) :], rows)
    while names and not names[-1].strip():
        names.pop()
    mapping = headings.mapping(names)
    return Table(number, names, mapping, best, first[:at], rest, spanned, second)


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
