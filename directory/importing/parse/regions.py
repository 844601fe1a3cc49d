"""Find the region that cells mean: a code, or names from the province down, in any spelling."""

import re
from collections import defaultdict
from typing import NamedTuple

from directory import codes
from directory.duplicates import normalize
from directory.importing.parse.terms import normalize_term
from directory.models import Region
from directory.models.region import DIVISION_SUFFIXES

MAX_NAME_LENGTH = 16
REGION_CODE = re.compile(r"[1-9][0-9]{5}\Z")
CODE_AT_END = re.compile(r"[1-9][0-9]{5}\Z")
# Names of districts that also mean a part of any city: they contradict nothing.
COMMON_PARTS = frozenset(("城区", "郊区", "矿区", "新区", "市区"))
EXACT, SHORT = 0, 1  # how a name is one of its region; less is better


class RegionMatch(NamedTuple):
    """The region that cells mean, or the candidates where it is ambiguous.

    `unmatched` is the rest of the text, which is no region's name below the one found;
    `conflicts` are regions elsewhere that do have this name.
    """

    code: str = ""
    candidates: tuple[str, ...] = ()
    unmatched: str = ""
    conflicts: tuple[str, ...] = ()


class RegionFinder:
    """Find regions by code or name; all regions are loaded once, and results are cached."""

    def __init__(self) -> None:
        self.regions: dict[str, Region] = {}
        # By normalized name the codes of the regions that have it, each with EXACT or SHORT.
        self.codes_by_name: dict[str, dict[str, int]] = defaultdict(dict)
        for region in Region.objects.order_by("code"):
            self.regions[region.code] = region
            self._add_names(region)
        self._cache: dict[tuple[str, ...], RegionMatch] = {}

    def _add_names(self, region: Region) -> None:
        exact = {region.name, region.name_en, region.romanized}
        short = {region.short_name, region.name_en.split(" ")[0], *region.aliases.splitlines()}
        sort = next((s for s in ("省", *DIVISION_SUFFIXES) if region.name.endswith(s)), "")
        if len(region.name) - len(sort) > 1:
            short.add(region.name.removesuffix(sort))
        own = normalize.AUTONOMOUS_SUFFIX.sub("", region.name)
        if own != region.name:
            short |= {own, f"{own}州"}
        for names, rank in ((short, SHORT), (exact, EXACT)):
            for name in filter(None, map(normalize_term, names)):
                self.codes_by_name[name][region.code] = rank

    def get_path(self, code: str) -> str:
        """Return the names of the region and those above it, from the province down."""
        regions = (self.regions.get(step) for step in codes.get_region_path(code))
        return " ".join(region.name for region in regions if region and not region.virtual)

    def find(self, *cells: str) -> RegionMatch:
        """Return the region that these cells mean, given from the province down."""
        if cells not in self._cache:
            self._cache[cells] = self._find_uncached([cell for cell in cells if cell.strip()])
        return self._cache[cells]

    def _find_uncached(self, cells: list[str]) -> RegionMatch:
        parts = [part for cell in cells for part in re.split(r"[,，;；]", cell) if part.strip()]
        match = self._match_cells(cells)
        if match.unmatched and len(parts) > 1:
            backwards = self._match_cells(parts[::-1])
            match = match if backwards.unmatched else backwards
        return match._replace(conflicts=self._find_conflicts(match))

    def _find_conflicts(self, match: RegionMatch) -> tuple[str, ...]:
        """Return the regions elsewhere that are called like the unmatched rest."""
        rest = match.unmatched
        if not match.code or len(rest) < 2 or rest in COMMON_PARTS:
            return ()
        ranks = self.codes_by_name.get(rest, {})
        best = min(ranks.values(), default=EXACT)
        others = {self._get_real_code(code) for code, rank in ranks.items() if rank == best}
        if any(is_inside(code, match.code) or is_inside(match.code, code) for code in others):
            return ()
        return tuple(sorted(others))

    def _match_cells(self, cells: list[str]) -> RegionMatch:
        digits = codes.normalize_code(cells[-1]) if cells else ""
        if REGION_CODE.match(digits):
            code = self._get_real_code(digits) if digits in self.regions else ""
            return RegionMatch(code, (), "" if code else digits)
        text = "".join(map(normalize_term, cells)).replace("市辖区", "")
        text, code = split_code(text)
        ends = self._match_names(text, "")
        if not ends:
            return RegionMatch("", (), text)
        rest = min((rest for rest, _code in ends), key=len)
        ranks = {region: rank for (end, region), rank in ends.items() if end == rest}
        if code in ranks:
            return RegionMatch(self._get_real_code(code), (), rest)
        return self._choose_best(ranks, rest)

    def _match_names(self, text: str, within: str) -> dict[tuple[str, str], int]:
        """Match names from the left, each within the last: return (rest, region) with its rank."""
        ends: dict[tuple[str, str], int] = {}
        for length in range(min(MAX_NAME_LENGTH, len(text)), 1, -1):
            for code, rank in self.codes_by_name.get(text[:length], {}).items():
                if within and not is_inside(code, within):
                    continue
                rest = text[length:]
                below = self._match_names(rest, code) if rest else {}
                for end, inner in (below or {(rest, code): rank}).items():
                    ends[end] = min(ends.get(end, SHORT), max(rank, inner))
        return ends

    def _choose_best(self, ranks: dict[str, int], rest: str) -> RegionMatch:
        """Return the region with the exact name, then the largest; candidates if several are."""
        best = min(ranks.values())
        every = {self._get_real_code(code) for code, rank in ranks.items() if rank == best} - {""}
        top = [c for c in every if not any(c != other and is_inside(c, other) for other in every)]
        level = min(map(get_depth, top))
        chosen = sorted(code for code in top if get_depth(code) == level)
        if len(chosen) > 1:
            return RegionMatch("", tuple(chosen), rest)
        return RegionMatch(chosen[0], (), rest)

    def _get_real_code(self, code: str) -> str:
        """Return the code of the region, or of the one above it if it is virtual."""
        path = [step for step in codes.get_region_path(code) if step in self.regions]
        return next((step for step in reversed(path) if not self.regions[step].virtual), "")


def split_code(text: str) -> tuple[str, str]:
    """Split 库尔勒市652801 into the name and the code, "" where there is none."""
    match = CODE_AT_END.search(text)
    return (text[: match.start()], match[0]) if match else (text, "")


def is_inside(code: str, region: str) -> bool:
    """Whether a region is the other one or lies in it."""
    first, last = codes.get_region_range(region)
    return first <= code <= last


def get_depth(code: str) -> int:
    """Return the level of a region's code: 1 for a province, 2 for a prefecture, 3 for a county."""
    return len(set(codes.get_region_path(code)))
