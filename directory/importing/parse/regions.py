"""Find the region that cells mean: a code, or names from the province down, in any spelling."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from directory import codes
from directory.duplicates import normalize
from directory.importing.parse.terms import normalize_term
from directory.models import Region
from directory.models.region import DIVISION_SUFFIXES
from directory.text import tokens

MAX_NAME_LENGTH = 16  # in Han characters or Latin words
REGION_CODE = re.compile(r"[1-9][0-9]{5}\Z")
# Names of districts that also mean a part of any city: they contradict nothing.
COMMON_PARTS = ("城区", "郊区", "矿区", "新区", "市区")
# How a name is one of its region; less is better. Only pinyin is BARE: Nanjing for 南靖县,
# which is no other region's Chinese name.
EXACT, SHORT, BARE = 0, 1, 2
COUNTRY_NAMES = frozenset(
    ("中国", "中华人民共和国", "china", "prchina", "prc", "peoplesrepublicofchina")
)
# Codes of ISO 3166-1; MO is left out, since it is Missouri as well.
COUNTRY_CODES = {"710000": ("TW", "TWN"), "810000": ("HK", "HKG"), "820000": ("MAC",)}
ENGLISH_DIVISIONS = {
    "市": "city",
    "县": "county",
    "自治县": "county",
    "区": "district",
    "林区": "district",
    "特区": "district",
    "新区": "district",
    "地区": "prefecture",
    "自治州": "prefecture",
    "盟": "league",
    "旗": "banner",
    "自治旗": "banner",
}
PROVINCE_DIVISIONS = ("Province", "Autonomous Region", "Municipality", "City", "SAR")
ENGLISH_DIVISION = re.compile(rf" (?:{'|'.join(set(ENGLISH_DIVISIONS.values()))})\Z", re.I)


class RegionMatch(NamedTuple):
    """The region that cells mean, or the candidates where it is ambiguous.

    `rest` are the characters and words that are no region's name below the one found;
    `conflicts` are regions elsewhere that do have this name.
    """

    code: str = ""
    candidates: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def unmatched(self) -> str:
        """The rest as text."""
        return "".join(self.rest)


class RegionFinder:
    """Find regions by code or name; all regions are loaded once, and results are cached."""

    def __init__(self) -> None:
        self.regions = {region.code: region for region in Region.objects.order_by("code")}
        # By normalized name the codes of the regions that have it, each with its rank.
        self.codes_by_name: dict[str, dict[str, int]] = defaultdict(dict)
        for region in self.regions.values():
            self._add_names(region)
        for region in self.regions.values():
            self._add_pinyin(region)
        self._cache: dict[tuple[str, ...], RegionMatch] = {}

    def _add_names(self, region: Region) -> None:
        """Add the names of a region; a virtual one has its own only, within its province."""
        if region.virtual:
            self._add([region.name], region.code, EXACT)
            return
        short = {region.short_name, *region.aliases.splitlines()}
        base, division = split_division(region.name)
        if len(base) > 1:
            short.add(base)
        if division == "自治州":
            short.add(f"{base}州")
        exact = {region.name, region.romanized}
        if region.level == Region.Level.PROVINCE:
            own_codes = region.iso3166_2, *COUNTRY_CODES.get(region.code, ())
            exact |= {region.short_name, region.name_en, *own_codes}
            exact |= {f"{region.name_en} {each}" for each in PROVINCE_DIVISIONS}
        else:
            short |= {region.name_en, ENGLISH_DIVISION.sub("", region.name_en)}
        self._add(short, region.code, SHORT)
        self._add(exact, region.code, EXACT)

    def _add_pinyin(self, region: Region) -> None:
        """Add the pinyin of a prefecture or county without its division: Xi'an, Kunshan.

        Of districts and counties it is BARE, because English names them with their division,
        unless a prefecture has the same Chinese name: 朝阳区 and 朝阳市.
        """
        base, division = split_division(region.name)
        syllables = region.pinyin.split()
        if region.virtual or len(syllables) != len(region.name):
            return
        pinyin = "".join(syllables[: len(base)])
        if english := ENGLISH_DIVISIONS.get(division):
            self._add([f"{pinyin} {english}"], region.code, EXACT)
        if region.level == Region.Level.PROVINCE or len(base) < 2:
            return
        namesakes = self.codes_by_name.get(normalize_term(base), ())
        is_shared = any(get_depth(code) < 3 for code in namesakes)
        is_known = get_depth(region.code) < 3 or division == "市" or is_shared
        self._add([pinyin], region.code, SHORT if is_known else BARE)

    def _add(self, names: Iterable[str], code: str, rank: int) -> None:
        for name in filter(None, map(normalize_term, names)):
            ranks = self.codes_by_name[name]
            ranks[code] = min(rank, ranks.get(code, BARE))

    def get_path(self, code: str) -> str:
        """Return the names of the region and those above it, from the province down."""
        regions = (self.regions.get(step) for step in codes.get_region_path(code))
        return " ".join(region.name for region in regions if region and not region.virtual)

    def find(self, *cells: str) -> RegionMatch:
        """Return the region that these cells mean, given from the province down."""
        if cells not in self._cache:
            self._cache[cells] = self._find_uncached([cell for cell in cells if cell.strip()])
        return self._cache[cells]

    def narrow(self, match: RegionMatch, column: str) -> RegionMatch:
        """Choose the only candidate that a column of cities or of counties can hold."""
        if column not in ("city", "county"):
            return match
        is_county = column == "county"
        wanted = [code for code in match.candidates if self._is_county(code) == is_county]
        if len(wanted) != 1:
            return match
        return RegionMatch(wanted[0], (), match.rest)

    def _is_county(self, code: str) -> bool:
        """Whether it is a county or district, and no city."""
        return get_depth(code) == 3 and not self.regions[code].name.endswith("市")

    def _find_uncached(self, cells: list[str]) -> RegionMatch:
        parts = [part for cell in cells for part in re.split(r"[,，;；]", cell) if part.strip()]
        match = self._match_cells(cells)
        if match.rest and len(parts) > 1:
            backwards = self._match_cells(parts[::-1])
            match = match if backwards.rest else backwards
        return match._replace(conflicts=self._find_conflicts(match))

    def _find_conflicts(self, match: RegionMatch) -> tuple[str, ...]:
        """Return the regions elsewhere that are called like the unmatched rest, or its begin."""
        if not match.code or match.unmatched.startswith(COMMON_PARTS):
            return ()
        ends = self._match_names(match.rest, "")
        shortest = min(map(len, (rest for rest, _code in ends)), default=0)
        ranks = {
            code: rank
            for (rest, code), rank in ends.items()
            if len(rest) == shortest and (not rest or rank == EXACT)
        }
        best = min(ranks.values(), default=EXACT)
        others = {self._get_real_code(code) for code, rank in ranks.items() if rank == best}
        if any(is_inside(code, match.code) or is_inside(match.code, code) for code in others):
            return ()
        return tuple(sorted(others))

    def _match_cells(self, cells: list[str]) -> RegionMatch:
        digits = codes.normalize_code(cells[-1]) if cells else ""
        if REGION_CODE.match(digits):
            code = self._get_real_code(digits) if digits in self.regions else ""
            return RegionMatch(code, (), () if code else (digits,))
        parts = tuple(skip_country(split_tokens(cells)))
        code = parts[-1] if parts and REGION_CODE.match(parts[-1]) else ""
        parts = parts[:-1] if code else parts
        ends = self._match_names(parts, "")
        if not ends:
            return RegionMatch("", (), parts)
        rest = min((rest for rest, _code in ends), key=len)
        ranks = {region: rank for (end, region), rank in ends.items() if end == rest}
        if code in ranks:
            return RegionMatch(self._get_real_code(code), (), rest)
        return self._choose_best(ranks, rest, "".join(parts) in COMMON_PARTS)

    def _match_names(
        self, parts: tuple[str, ...], within: str
    ) -> dict[tuple[tuple[str, ...], str], int]:
        """Match names from the left, each within the last: return (rest, region) with its rank."""
        ends: dict[tuple[tuple[str, ...], str], int] = {}
        for length in range(min(MAX_NAME_LENGTH, len(parts)), 0, -1):
            for code, rank in self.codes_by_name.get("".join(parts[:length]), {}).items():
                if not (is_inside(code, within) if within else not self.regions[code].virtual):
                    continue
                rank = BARE if code == within else rank  # 吉林 within 吉林 is the city
                rest = parts[length:]
                below = self._match_names(rest, code) if rest else {}
                for end, inner in (below or {(rest, code): rank}).items():
                    ends[end] = min(ends.get(end, BARE), max(rank, inner))
        return ends

    def _choose_best(
        self, ranks: dict[str, int], rest: tuple[str, ...], is_common: bool
    ) -> RegionMatch:
        """Return the only region with the best rank, or the one that holds the others.

        Of several, none is chosen, however large it is, nor one by a name that is common.
        """
        best = min(ranks.values())
        every = {self._get_real_code(code) for code, rank in ranks.items() if rank == best} - {""}
        top = [c for c in every if not any(c != other and is_inside(c, other) for other in every)]
        if len(top) > 1 or is_common:
            return RegionMatch("", tuple(sorted(top)), rest)
        return RegionMatch(top[0], (), rest)

    def _get_real_code(self, code: str) -> str:
        """Return the code of the region, or of the one above it if it is virtual."""
        path = [step for step in codes.get_region_path(code) if step in self.regions]
        return next((step for step in reversed(path) if not self.regions[step].virtual), "")


def split_division(name: str) -> tuple[str, str]:
    """Split the name of a region into its own name and the sort of division."""
    base = normalize.AUTONOMOUS_SUFFIX.sub("", name)
    if base != name:
        return base, "自治州" if name.endswith("州") else "自治区"
    division = next((each for each in ("省", *DIVISION_SUFFIXES) if name.endswith(each)), "")
    return name.removesuffix(division), division


def split_tokens(cells: list[str]) -> Iterator[str]:
    """Yield Han characters, Latin words and numbers: a name ends where one of them ends."""
    for cell in cells:
        for run, is_han in tokens.split_runs(cell):
            yield from run.replace("市辖区", "") if is_han else re.findall(r"\d+|\D+", run)


def skip_country(parts: Iterable[str]) -> list[str]:
    """Return the parts without the name of the country, if that is not all."""
    every = list(parts)
    for length in range(1, min(8, len(every))):
        if "".join(every[:length]) in COUNTRY_NAMES:
            return every[length:]
    return every


def is_inside(code: str, region: str) -> bool:
    """Whether a region is the other one or lies in it."""
    first, last = codes.get_region_range(region)
    return first <= code <= last


def get_depth(code: str) -> int:
    """Return the level of a region's code: 1 for a province, 2 for a prefecture, 3 for a county."""
    return len(set(codes.get_region_path(code)))
