"""Normalizes names for comparison: splits each into plain form, core, place and rest.

库尔勒市中泰紡織科技（集团）有限公司
plain  库尔勒市中泰纺织科技集团有限公司   without what two people may write differently
core   库尔勒市中泰纺织科技              without the legal form
place  652801                            code of the place with which it begins
rest   中泰纺织科技                      without the place
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from directory.models import DataVersion, Region
from directory.models.region import DIVISION_SUFFIXES
from directory.text import tokens

CHINESE_LEGAL_FORM = re.compile(
    r"(?:集团|控股)*(?:股份|责任)?(?:有限)?(?:责任)?(?:总)?(?<!分)公司\Z|集团\Z"
)
ENGLISH_WORDS = (
    "the co company ltd limited inc incorporated corp corporation llc plc gmbh group holding"
)
ENGLISH_LEGAL_FORMS = frozenset((*ENGLISH_WORDS.split(), "holdings"))
GROUP = re.compile("集团|控股|group|holding")
# Words that thousands of names share, so they do not distinguish any.
GENERIC = re.compile(
    "职业|技术|科技|技师|技工|工程|工业|理工|工学|农业|林业|师范|医科|医学|医药|卫生|财经|商业|商学"
    "|旅游|艺术|美术|体育|外国语|高等|专科|中等|专业|高级|幼儿|民族|应用|现代|国际|纺织|服装|服饰"
    "|印染|化纤|棉纺|针织|家纺|面料|丝绸|毛纺|纺机|学院|大学|学校|中学|中心|协会|学会|商会|联合会"
    "|研究院|研究所|行业|实业|贸易|发展|投资|制造|产业|集团|公司|有限|股份|责任|委员会|教育|管理"
    "|服务|信息|城市|建设|机电|电子|电力|交通|水利|铁路|航空|职工|广播|电视|传媒|厂|园|和|与|市|省"
)
# Parts that distinguish organizations of one name: a number, a direction, a branch.
DISTINGUISHING = re.compile(
    r"[0-9]+|[一二三四五六七八九十甲乙丙丁东南西北]|分校|分院|分部|分公司|分会|校区|附属"
    r"|branch|campus|affiliated|first|second|third"
)
SCHOOL_SUFFIX = re.compile("(?:大学|学院)\\Z")
VOWELS = re.compile("[aeiouyhw]")
DOUBLED_LETTER = re.compile(r"(.)\1+")
ETHNIC_GROUPS = (
    "蒙古|维吾尔|哈萨克|柯尔克孜|朝鲜|土家|布依|哈尼|景颇|傈僳|回|藏|羌|彝|傣|白|壮|苗|侗|黎|满|瑶"
)
AUTONOMOUS_SUFFIX = re.compile(rf"(?:(?:{ETHNIC_GROUPS})族?)*自治[区州]\Z")
MAX_PLACE_LENGTH = 12


class FoldTable(dict):
    """Cache of folded characters: simplified, without accents; for str.translate."""

    def __missing__(self, point: int) -> str:
        self[point] = tokens.fold(chr(point))
        return self[point]


class SoundTable(dict):
    """Cache of the pinyin of characters, for str.translate; others than Han stay as they are."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        self[point] = "".join(tokens.get_syllables(char)) if HAN_CHARACTER.match(char) else char
        return self[point]


HAN_CHARACTER = re.compile(f"[{tokens.HAN_RANGES}]")
FOLD_TABLE, SOUND_TABLE = FoldTable(), SoundTable()


def split_runs(name: str) -> list[str]:
    """Split a name into runs of Han characters and of other letters and digits, folded."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return tokens.RUN_PATTERN.findall(text if text.isascii() else text.translate(FOLD_TABLE))


def normalize_name(name: str) -> str:
    """Return the name without differences of width, script, case and punctuation."""
    return "".join(split_runs(name))


def get_sound(core: str) -> str:
    """Return its pinyin: 中原工学院 and Zhongyuan Gongxueyuan sound the same."""
    if core.isascii():
        return core
    return tokens.replace_custom_readings(core).translate(SOUND_TABLE)


def get_skeleton(core: str) -> str:
    """Return a Latin name without vowels and doubled letters, where most typos are made."""
    return DOUBLED_LETTER.sub(r"\1", VOWELS.sub("", core))


class NameParts(NamedTuple):
    """A name, split for comparison; see the example at the top of the module."""

    text: str
    plain: str
    core: str
    legal_form: str
    is_chinese: bool
    place: tuple[str, ...]
    rest: str

    @property
    def distinctive_length(self) -> int:
        """The number of characters of the rest that are not generic words."""
        return len(GENERIC.sub("", self.rest))

    @property
    def distinguishing_parts(self) -> list[str]:
        """The numbers, directions and branches in the core, sorted."""
        return sorted(DISTINGUISHING.findall(self.core))

    @property
    def stem(self) -> str:
        """The core without a final 大学 or 学院; empty where less than 3 characters are left."""
        stem = SCHOOL_SUFFIX.sub("", self.core)
        return stem if 3 <= len(stem) < len(self.core) else ""


class PlaceNames:
    """The names of regions with which names of organizations may begin, and their codes."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()):
        self.codes: dict[str, tuple[str, ...]] = {}
        self.parse_text = lru_cache(maxsize=8192)(self._parse)
        for name, code in pairs:
            self.codes[name] = tuple(sorted({*self.codes.get(name, ()), code}))
        self.prefixes = frozenset(name[:2] for name in self.codes)

    def __reduce__(self) -> tuple:
        """Pickle for another process without the cache, which it fills for itself."""
        return PlaceNames, ([(name, code) for name, codes in self.codes.items() for code in codes],)

    @classmethod
    def load(cls) -> "PlaceNames":
        """Load the names of all regions, cached for each version of the data."""
        return _load_place_names(DataVersion.get_current())

    def parse(self, name: str) -> NameParts:
        """Split a name into its parts."""
        return self.parse_text(" ".join(split_runs(name)))

    def _parse(self, text: str) -> NameParts:
        """Split a text that was folded already and whose runs are separated by spaces."""
        joined = text.replace(" ", "")
        if joined.isascii():
            core, form = _split_english_form(text)
            return NameParts(text, joined, core, form, False, (), core)
        match = CHINESE_LEGAL_FORM.search(joined)
        core = joined[: match.start()] if match and match.start() > 1 else joined
        place, rest = self.split_place(core)
        return NameParts(text, joined, core, joined[len(core) :], True, place, rest)

    def split_place(self, core: str) -> tuple[tuple[str, ...], str]:
        """Return the codes of the innermost place with which it begins, and what follows it."""
        place: tuple[str, ...] = ()
        while core[:2] in self.prefixes:
            for length in range(min(MAX_PLACE_LENGTH, len(core) - 2), 1, -1):
                inner = self.codes.get(core[:length], ())
                if place:
                    inner = tuple(code for code in inner if is_within(code, place))
                if inner:
                    place, core = inner, core[length:]
                    break
            else:
                break
        return place, core


@lru_cache(maxsize=1)
def _load_place_names(version: int) -> PlaceNames:
    columns = ("code", "name", "short_name", "aliases", "level")
    rows = Region.objects.exclude_virtual().order_by().values_list(*columns)
    return PlaceNames((name, code) for code, *values in rows for name in _get_place_names(*values))


def clear_cache() -> None:
    """Clear the cache of place names: for tests, which roll back without a new version."""
    _load_place_names.cache_clear()


def _split_english_form(text: str) -> tuple[str, str]:
    """Return core and legal form; a name of legal forms only is all core."""
    core: list[str] = []
    form: list[str] = []
    for part in text.split():
        (form if part in ENGLISH_LEGAL_FORMS else core).append(part)
    return ("".join(core), "".join(form)) if core else ("".join(form), "")


def _get_place_names(name: str, short_name: str, aliases: str, level: str) -> Iterable[str]:
    """Yield the names of a region: of a county the full one, else the short ones too."""
    names = {name}
    if level != Region.Level.COUNTY or name.endswith("市"):
        suffix = next((s for s in ("省", *DIVISION_SUFFIXES) if name.endswith(s)), "")
        names |= {short_name, AUTONOMOUS_SUFFIX.sub("", name), *aliases.splitlines()}
        names.add(name.removesuffix(suffix))
    for each in map(normalize_name, names):
        if HAN_CHARACTER.match(each) and 2 <= len(each) <= MAX_PLACE_LENGTH:
            yield each


@lru_cache(maxsize=4096)
def _prefix(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")


def is_within(code: str, others: Iterable[str]) -> bool:
    """Whether the region of this code lies in (or is) one of the others."""
    return any(code.startswith(_prefix(other)) for other in others)


def is_compatible(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether one place may lie in the other; an unknown place may lie anywhere."""
    if not one or not two:
        return True
    return any(is_within(code, two) for code in one) or any(is_within(code, one) for code in two)
