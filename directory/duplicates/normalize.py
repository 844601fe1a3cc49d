"""How a name is read for comparison: its plain form, its core, its place and its sound.

库尔勒市中泰紡織科技（集团）有限公司
plain  库尔勒市中泰纺织科技集团有限公司   what two people may write differently is gone
core   库尔勒市中泰纺织科技              the form of the company is gone
place  652801                            the place with which it begins
rest   中泰纺织科技                      the place is gone
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from directory.models import DataVersion, Region
from directory.models.region import SORTS_OF_DIVISION
from directory.text import tokens

CHINESE_FORM = re.compile(
    r"(?:集团|控股)*(?:股份|责任)?(?:有限)?(?:责任)?(?:总)?(?<!分)公司\Z|集团\Z"
)
ENGLISH = "the co company ltd limited inc incorporated corp corporation llc plc gmbh group holding"
ENGLISH_FORMS = frozenset((*ENGLISH.split(), "holdings"))
GROUP = re.compile("集团|控股|group|holding")
# What a name shares with thousands of others, and so tells nobody apart.
GENERIC = re.compile(
    "职业|技术|科技|技师|技工|工程|工业|理工|工学|农业|林业|师范|医科|医学|医药|卫生|财经|商业|商学"
    "|旅游|艺术|美术|体育|外国语|高等|专科|中等|专业|高级|幼儿|民族|应用|现代|国际|纺织|服装|服饰"
    "|印染|化纤|棉纺|针织|家纺|面料|丝绸|毛纺|纺机|学院|大学|学校|中学|中心|协会|学会|商会|联合会"
    "|研究院|研究所|行业|实业|贸易|发展|投资|制造|产业|集团|公司|有限|股份|责任|委员会|教育|管理"
    "|服务|信息|城市|建设|机电|电子|电力|交通|水利|铁路|航空|职工|广播|电视|传媒|厂|园|和|与|市|省"
)
# What tells two bodies of one name apart: a number, a direction, a branch.
SPEAKING = re.compile(
    r"[0-9]+|[一二三四五六七八九十甲乙丙丁东南西北]|分校|分院|分部|分公司|分会|校区|附属"
    r"|branch|campus|affiliated|first|second|third"
)
SCHOOL = re.compile("(?:大学|学院)\\Z")
VOWELS = re.compile("[aeiouyhw]")
TWICE = re.compile(r"(.)\1+")
PEOPLES = (
    "蒙古|维吾尔|哈萨克|柯尔克孜|朝鲜|土家|布依|哈尼|景颇|傈僳|回|藏|羌|彝|傣|白|壮|苗|侗|黎|满|瑶"
)
SELF_RULED = re.compile(rf"(?:(?:{PEOPLES})族?)*自治[区州]\Z")
LONGEST_PLACE = 12


class Folded(dict):
    """Each character as it is compared: simplified, without accents; read once each."""

    def __missing__(self, point: int) -> str:
        self[point] = tokens.fold(chr(point))
        return self[point]


class Sounds(dict):
    """Each character as it is spoken; what is not Han speaks for itself."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        self[point] = "".join(tokens.syllables(char)) if IS_HAN.match(char) else char
        return self[point]


IS_HAN = re.compile(f"[{tokens.HAN}]")
FOLDED, SOUNDS = Folded(), Sounds()


def runs(name: str) -> list[str]:
    """The runs of Han characters and of other letters and digits, folded."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return tokens.PIECES.findall(text if text.isascii() else text.translate(FOLDED))


def plain(name: str) -> str:
    """A name without what two people write differently: width, script, case, punctuation."""
    return "".join(runs(name))


def sound(core: str) -> str:
    """How it is spoken: 中原工学院 and Zhongyuan Gongxueyuan sound the same."""
    if core.isascii():
        return core
    return tokens.read_corrected(core).translate(SOUNDS)


def skeleton(core: str) -> str:
    """A Latin name without its vowels and doubled letters, where most slips are made."""
    return TWICE.sub(r"\1", VOWELS.sub("", core))


class Name(NamedTuple):
    """A name as it is read."""

    text: str
    plain: str
    core: str
    form: str
    han: bool
    place: tuple[str, ...]
    rest: str

    @property
    def telling(self) -> int:
        """How many characters of the rest tell it from others."""
        return len(GENERIC.sub("", self.rest))

    @property
    def speaking(self) -> list[str]:
        return sorted(SPEAKING.findall(self.core))

    @property
    def stem(self) -> str:
        """Without the 大学 or 学院 in which it ends; empty where that leaves too little."""
        stem = SCHOOL.sub("", self.core)
        return stem if 3 <= len(stem) < len(self.core) else ""


class Places:
    """The names of regions with which names of organizations begin."""

    def __init__(self, named: Iterable[tuple[str, str]] = ()):
        self.codes: dict[str, tuple[str, ...]] = {}
        self.read_text = lru_cache(maxsize=8192)(self._read)
        for name, code in named:
            self.codes[name] = tuple(sorted({*self.codes.get(name, ()), code}))
        self.beginnings = frozenset(name[:2] for name in self.codes)

    def __reduce__(self) -> tuple:
        """For another process, which remembers for itself what it has read."""
        return Places, ([(name, code) for name, codes in self.codes.items() for code in codes],)

    @classmethod
    def known(cls) -> "Places":
        """With the names of all regions, read once for each version of the data."""
        return _known(DataVersion.now())

    def read(self, name: str) -> Name:
        return self.read_text(" ".join(runs(name)))

    def _read(self, text: str) -> Name:
        """The same from a text that was already folded and cut into its runs."""
        joined = text.replace(" ", "")
        if joined.isascii():
            core, form = _english_core(text)
            return Name(text, joined, core, form, False, (), core)
        form = CHINESE_FORM.search(joined)
        core = joined[: form.start()] if form and form.start() > 1 else joined
        place, rest = self.split(core)
        return Name(text, joined, core, joined[len(core) :], True, place, rest)

    def split(self, core: str) -> tuple[tuple[str, ...], str]:
        """The innermost place with which it begins, and what follows it."""
        place: tuple[str, ...] = ()
        while core[:2] in self.beginnings:
            for length in range(min(LONGEST_PLACE, len(core) - 2), 1, -1):
                inner = self.codes.get(core[:length], ())
                if place:
                    inner = tuple(code for code in inner if within(code, place))
                if inner:
                    place, core = inner, core[length:]
                    break
            else:
                break
        return place, core


@lru_cache(maxsize=1)
def _known(version: int) -> Places:
    columns = ("code", "name", "short_name", "aliases", "level")
    rows = Region.objects.real().order_by().values_list(*columns)
    return Places((name, code) for code, *said in rows for name in _names_of(*said))


def forget() -> None:
    """For tests, which take the data back without a new version."""
    _known.cache_clear()


def _english_core(text: str) -> tuple[str, str]:
    kept, form = [], []
    for part in text.split():
        (form if part in ENGLISH_FORMS else kept).append(part)
    return ("".join(kept), "".join(form)) if kept else ("".join(form), "")


def _names_of(name: str, short_name: str, aliases: str, level: str) -> Iterable[str]:
    """A county is known by its full name, a larger place or a city by its short one too."""
    names = {name}
    if level != Region.Level.COUNTY or name.endswith("市"):
        sort = next((s for s in ("省", *SORTS_OF_DIVISION) if name.endswith(s)), "")
        names |= {short_name, SELF_RULED.sub("", name), *aliases.splitlines()}
        names.add(name.removesuffix(sort))
    for each in map(plain, names):
        if IS_HAN.match(each) and 2 <= len(each) <= LONGEST_PLACE:
            yield each


@lru_cache(maxsize=4096)
def _prefix(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")


def within(code: str, others: Iterable[str]) -> bool:
    return any(code.startswith(_prefix(other)) for other in others)


def agree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether one place may lie in the other; an unknown place lies anywhere."""
    if not one or not two:
        return True
    return any(within(code, two) for code in one) or any(within(code, one) for code in two)
