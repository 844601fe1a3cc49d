"""Which region a cell means: a code, or the names on the way down to it, written any way."""

import re
from collections import defaultdict
from typing import NamedTuple

from directory import codes
from directory.duplicates import normalize
from directory.importing.parse.terms import plain
from directory.models import Region
from directory.models.region import SORTS_OF_DIVISION

LONGEST = 16
DIGITS = re.compile(r"[1-9][0-9]{5}\Z")
LAST_CODE = re.compile(r"[1-9][0-9]{5}\Z")
# Districts are called so, and parts of a city everywhere.
ANYWHERE = frozenset(("城区", "郊区", "矿区", "新区", "市区"))
EXACT, SHORT = 0, 1


class Place(NamedTuple):
    """The region, or several that it may be; `left` is what no region is called.

    `against` are those that are called so, and lie elsewhere.
    """

    code: str = ""
    several: tuple[str, ...] = ()
    left: str = ""
    against: tuple[str, ...] = ()


class Places:
    def __init__(self):
        self.regions: dict[str, Region] = {}
        self.named: dict[str, dict[str, int]] = defaultdict(dict)
        for region in Region.objects.order_by("code"):
            self.regions[region.code] = region
            self.learn(region)
        self.kept: dict[tuple[str, ...], Place] = {}

    def learn(self, region: Region) -> None:
        exact = {region.name, region.name_en, region.romanized}
        short = {region.short_name, region.name_en.split(" ")[0], *region.aliases.splitlines()}
        sort = next((s for s in ("省", *SORTS_OF_DIVISION) if region.name.endswith(s)), "")
        if len(region.name) - len(sort) > 1:
            short.add(region.name.removesuffix(sort))
        own = normalize.SELF_RULED.sub("", region.name)
        if own != region.name:
            short |= {own, f"{own}州"}
        for names, rank in ((short, SHORT), (exact, EXACT)):
            for name in filter(None, map(plain, names)):
                self.named[name][region.code] = rank

    def path(self, code: str) -> str:
        rungs = (self.regions.get(rung) for rung in codes.region_rungs(code))
        return " ".join(row.name for row in rungs if row and not row.virtual)

    def find(self, *cells: str) -> Place:
        """The region that these cells mean, from the province down."""
        if cells not in self.kept:
            self.kept[cells] = self._find([cell for cell in cells if cell.strip()])
        return self.kept[cells]

    def _find(self, cells: list[str]) -> Place:
        written = [each for cell in cells for each in re.split(r"[,，;；]", cell) if each.strip()]
        place = self._read(cells)
        if place.left and len(written) > 1:
            turned = self._read(written[::-1])
            place = place if turned.left else turned
        return place._replace(against=self.against(place))

    def against(self, place: Place) -> tuple[str, ...]:
        if not place.code or len(place.left) < 2 or place.left in ANYWHERE:
            return ()
        found = self.named.get(place.left, {})
        best = min(found.values(), default=EXACT)
        others = {self.real(code) for code, rank in found.items() if rank == best}
        if any(inside(other, place.code) or inside(place.code, other) for other in others):
            return ()
        return tuple(sorted(others))

    def _read(self, cells: list[str]) -> Place:
        digits = codes.tidy(cells[-1]) if cells else ""
        if DIGITS.match(digits):
            found = self.real(digits) if digits in self.regions else ""
            return Place(found, (), "" if found else digits)
        text = "".join(map(plain, cells)).replace("市辖区", "")
        text, code = cut(text)
        ends = self.ends(text, "")
        if not ends:
            return Place("", (), text)
        left = min((rest for rest, _code in ends), key=len)
        ranks = {region: rank for (rest, region), rank in ends.items() if rest == left}
        if code in ranks:
            return Place(self.real(code), (), left)
        return self.choose(ranks, left)

    def ends(self, text: str, within: str) -> dict[tuple[str, str], int]:
        """Where reading names from the left can end: what is left, and in which region."""
        found: dict[tuple[str, str], int] = {}
        for length in range(min(LONGEST, len(text)), 1, -1):
            for code, rank in self.named.get(text[:length], {}).items():
                if within and not inside(code, within):
                    continue
                rest = text[length:]
                below = self.ends(rest, code) if rest else {}
                for end, inner in (below or {(rest, code): rank}).items():
                    found[end] = min(found.get(end, SHORT), max(rank, inner))
        return found

    def choose(self, ranks: dict[str, int], left: str) -> Place:
        """Of several the one that is called exactly so, then the largest, if there is one."""
        best = min(ranks.values())
        every = {self.real(code) for code, rank in ranks.items() if rank == best} - {""}
        top = [c for c in every if not any(c != other and inside(c, other) for other in every)]
        level = min(map(depth, top))
        chosen = sorted(code for code in top if depth(code) == level)
        if len(chosen) > 1:
            return Place("", tuple(chosen), left)
        return Place(chosen[0], (), left)

    def real(self, code: str) -> str:
        """The region itself; for what is only a rung, the one above it."""
        rungs = [rung for rung in codes.region_rungs(code) if rung in self.regions]
        return next((r for r in reversed(rungs) if not self.regions[r].virtual), "")


def cut(text: str) -> tuple[str, str]:
    """库尔勒市 652801 as the name and the code."""
    found = LAST_CODE.search(text)
    return (text[: found.start()], found[0]) if found else (text, "")


def inside(code: str, region: str) -> bool:
    first, last = codes.region_span(region)
    return first <= code <= last


def depth(code: str) -> int:
    return len(set(codes.region_rungs(code)))
