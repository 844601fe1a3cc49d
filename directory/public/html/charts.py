"""Charts: bars beside a table's rows, and columns over years. Templates draw them."""

from dataclasses import dataclass
from html import escape
from math import ceil, log10
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.text import capfirst


@dataclass(frozen=True)
class Bar:
    """One row of a table whose last column is a bar: `count` of `total`.

    `evidence` is the code of a kind of evidence, which has a mark of its own.
    """

    label: str
    count: int
    total: int
    url: str = ""
    evidence: str = ""
    shows_total: bool = False

    @property
    def count_label(self) -> str:
        return f"{self.count} / {self.total}" if self.shows_total else str(self.count)

    @property
    def label_html(self) -> SafeString:
        """The label, linked where there is something to see, with the mark of its evidence."""
        css_class = f' class="mark {self.evidence}"' if self.evidence else ""
        label = escape(capfirst(self.label))
        if self.url:
            return SafeString(f'<a href="{escape(self.url)}"{css_class}>{label}</a>')
        return SafeString(f"<span{css_class}>{label}</span>")

    @property
    def width(self) -> str:
        """In per cent of the column."""
        return f"{100 * self.count / max(1, self.total):.1f}"


@dataclass(frozen=True)
class YearCount:
    """One year: how many joined and left in it, and how many there were at its end."""

    year: int
    joined: int
    left: int
    total: int
    url: str
    # The last day that is counted, where the year has not ended by then.
    until: str = ""


CHART_WIDTH, MARGIN_LEFT, BASELINE_Y, CHART_HEIGHT = 800, 90, 150, 135
MAX_COLUMN_WIDTH = 72


@dataclass(frozen=True)
class YearColumn:
    """A year's column: those who were there before below, those who joined above."""

    count: YearCount
    x: float
    width: float
    remaining_height: float
    joined_height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def remaining_y(self) -> float:
        return BASELINE_Y - self.remaining_height

    @property
    def joined_y(self) -> float:
        return BASELINE_Y - self.remaining_height - self.joined_height


class GridLine(NamedTuple):
    """A line behind the columns, with the number that it stands for."""

    number: int
    y: float


def layout_years(counts: list[YearCount]) -> list[YearColumn]:
    top = get_axis_numbers(counts)[-1] or 1
    step = (CHART_WIDTH - MARGIN_LEFT) / max(1, len(counts))
    width = min(MAX_COLUMN_WIDTH, step * 0.6)
    return [
        YearColumn(
            count,
            round(MARGIN_LEFT + step * (place + 0.5) - width / 2, 1),
            round(width, 1),
            round(CHART_HEIGHT * (count.total - count.joined) / top, 1),
            round(CHART_HEIGHT * count.joined / top, 1),
        )
        for place, count in enumerate(counts)
    ]


def get_axis_numbers(counts: list[YearCount]) -> list[int]:
    """Round numbers from 0 to above the highest column, at most five."""
    highest = max((count.total for count in counts), default=0)
    power = 10 ** max(0, ceil(log10(max(1, highest))) - 1)
    step = next(n * power for n in (1, 2, 5, 10) if n * power * 4 >= highest)
    return list(range(0, max(step, ceil(highest / step) * step) + 1, step))


def layout_grid_lines(counts: list[YearCount]) -> list[GridLine]:
    numbers = get_axis_numbers(counts)
    return [
        GridLine(number, BASELINE_Y - CHART_HEIGHT * number / numbers[-1]) for number in numbers
    ]
