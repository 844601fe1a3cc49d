"""Numbers as drawings: bars beside a table's rows, and columns over years."""

from dataclasses import dataclass
from math import ceil, log10


@dataclass(frozen=True)
class Bar:
    """One row of a table whose last column is drawn."""

    label: str
    count: int
    of: int
    address: str = ""
    mark: str = ""

    @property
    def width(self) -> str:
        return f"{100 * self.count / max(1, self.of):.1f}"


@dataclass(frozen=True)
class Column:
    """One year: how many came and left in it, and how many there were at its end."""

    year: int
    joined: int
    left: int
    total: int
    address: str
    # The last day that is counted, where the year has not ended by then.
    until: str = ""


WIDTH, LEFT, FLOOR, HEIGHT = 800, 90, 150, 135


@dataclass(frozen=True)
class Standing:
    """A column as drawn: those who were there before below, those who joined above."""

    column: Column
    x: float
    wide: float
    old: float
    new: float

    @property
    def middle(self) -> float:
        return self.x + self.wide / 2

    @property
    def old_y(self) -> float:
        return FLOOR - self.old

    @property
    def new_y(self) -> float:
        return FLOOR - self.old - self.new


def standing(columns: list[Column]) -> list[Standing]:
    top = scale(columns)[-1] or 1
    step = (WIDTH - LEFT) / max(1, len(columns))
    wide = min(72, step * 0.6)
    return [
        Standing(
            column,
            round(LEFT + step * (place + 0.5) - wide / 2, 1),
            round(wide, 1),
            round(HEIGHT * (column.total - column.joined) / top, 1),
            round(HEIGHT * column.joined / top, 1),
        )
        for place, column in enumerate(columns)
    ]


def scale(columns: list[Column]) -> list[int]:
    """Round numbers from nought to above the highest column, at most five."""
    most = max((column.total for column in columns), default=0)
    power = 10 ** max(0, ceil(log10(max(1, most))) - 1)
    step = next(n * power for n in (1, 2, 5, 10) if n * power * 4 >= most)
    return list(range(0, max(step, ceil(most / step) * step) + 1, step))


def rules(columns: list[Column]) -> list[tuple[int, float]]:
    """The lines behind the columns: each number with its height."""
    numbers = scale(columns)
    return [(number, FLOOR - HEIGHT * number / numbers[-1]) for number in numbers]
