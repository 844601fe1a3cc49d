"""The provinces as a grid of tiles, roughly where each lies: a schematic, not a map.

Rows and columns are those of the project's own tile grid; no boundary is drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from directory.models import Region
from directory.text.language import is_english

SIDE, STEP = 78, 84
GRID_POSITIONS = {
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
    """One province's square: its position, how many members are there, and its link.

    `css_class` is "here" for the current province, "other" for others beside one, "some" where
    none is current, and "no" without members.
    """

    region: Region
    count: int
    x: int
    y: int
    url: str
    name: str
    label: str
    css_class: str

    @property
    def middle(self) -> int:
        return self.x + SIDE // 2

    @property
    def name_y(self) -> int:
        return self.y + (30 if self.count else 34)

    @property
    def count_y(self) -> int:
        return self.y + (61 if self.count else 58)


def build_tiles(
    provinces: list[Region],
    count: Callable[[str], int],
    get_url: Callable[[str], str] | None = None,
    current_code: str = "",
) -> list[Tile]:
    """A tile for each province; `count` and `get_url` are asked by the province's code."""
    get_url = get_url or get_region_url
    return [
        _build_tile(region, count(region.code), get_url(region.code), current_code)
        for region in provinces
        if region.code in GRID_POSITIONS
    ]


def _build_tile(region: Region, count: int, url: str, current_code: str) -> Tile:
    row, column = GRID_POSITIONS[region.code]
    letters, label = region.iso3166_2[-2:], f"{region.short_label} {count}"
    return Tile(
        region,
        count,
        3 + (column - 1) * STEP,
        3 + (row - 1) * STEP,
        url,
        letters if is_english() else region.short_label,
        f"{letters} {label}" if is_english() else label,
        _get_css_class(region.code, count, current_code),
    )


def _get_css_class(code: str, count: int, current_code: str) -> str:
    if not count:
        return "no"
    if not current_code:
        return "some"
    return "here" if code == current_code else "other"


def get_region_url(code: str) -> str:
    return reverse("directory:region", args=[code])
