"""The provinces as a grid of tiles, roughly where each lies: a schematic, not a map.

Rows and columns are those of the project's own tile grid; no boundary is drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from directory.models import Region

SIDE, STEP = 78, 84
GRID = {
    "230000": (1, 9),
    "150000": (2, 7),
    "220000": (2, 9),
    "650000": (3, 1),
    "620000": (3, 4),
    "640000": (3, 5),
    "140000": (3, 6),
    "130000": (3, 7),
    "110000": (3, 8),
    "210000": (3, 9),
    "630000": (4, 2),
    "610000": (4, 5),
    "410000": (4, 6),
    "370000": (4, 7),
    "120000": (4, 8),
    "540000": (5, 1),
    "510000": (5, 3),
    "500000": (5, 4),
    "420000": (5, 5),
    "340000": (5, 6),
    "320000": (5, 7),
    "310000": (5, 8),
    "530000": (6, 3),
    "520000": (6, 4),
    "430000": (6, 5),
    "360000": (6, 6),
    "330000": (6, 7),
    "450000": (7, 4),
    "440000": (7, 5),
    "350000": (7, 6),
    "710000": (7, 8),
    "460000": (8, 4),
    "820000": (8, 5),
    "810000": (8, 6),
}


@dataclass(frozen=True)
class Tile:
    """One province's square: where it stands, and how many members are there."""

    region: Region
    count: int
    x: int
    y: int
    address: str

    @property
    def letters(self) -> str:
        return self.region.iso3166_2[-2:]

    @property
    def middle(self) -> int:
        return self.x + SIDE // 2

    @property
    def name_y(self) -> int:
        return self.y + (30 if self.count else 34)

    @property
    def count_y(self) -> int:
        return self.y + (61 if self.count else 58)


def tiles(provinces: list[Region], count: Callable, address: Callable | None = None) -> list[Tile]:
    """A tile for each province; `count` and `address` tell what belongs to a code."""
    address = address or (lambda code: reverse("directory:region", args=[code]))
    return [
        Tile(
            region,
            count(region.code),
            3 + (column - 1) * STEP,
            3 + (row - 1) * STEP,
            address(region.code),
        )
        for region in provinces
        if region.code in GRID
        for row, column in [GRID[region.code]]
    ]
