"""How a name or a query becomes searchable words: any spelling, script, pinyin or initials.

A name gives its Latin words, its Han characters and pairs of them (simplified), and their
pinyin: each syllable, two to four of them joined, all of them joined, and the initials. A
query gives the words that must all be among them; its last Latin word may be a beginning.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import filterfalse
from urllib.parse import urlsplit

LONGEST_QUERY = 200
MOST_WORDS = LONGEST_QUERY
LONGEST_WORD = 40
LONGEST_KEPT = 250
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
IS_HAN = re.compile(f"[{HAN}]")
PIECES = re.compile(rf"[{HAN}]+|(?:(?![{HAN}_])\w)+")
UNTELLING = frozenset(("www", "http", "https"))

# What pypinyin reads wrongly in names: the longest match wins. The desk adds to it (`correct`).
READINGS = {
    "库尔勒": ("ku", "er", "le"),
    "单县": ("shan", "xian"),
    "巴音郭楞": ("ba", "yin", "guo", "leng"),
}


class Corrections:
    """The readings that go before pypinyin's, in this process."""

    def __init__(self, readings: Mapping[str, tuple[str, ...]]):
        self.readings = dict(readings)
        longest_first = sorted(self.readings, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest_first)))


_corrections = Corrections(READINGS)


def correct(readings: Mapping[str, tuple[str, ...]]) -> None:
    """Read these characters so from now on, beside or in place of the readings known here."""
    global _corrections
    wanted = READINGS | dict(readings)
    if wanted != _corrections.readings:
        _corrections = Corrections(wanted)
        for kept in (syllables, kept_words_of, kept_words_of_all):
            kept.cache_clear()


def readings() -> Mapping[str, tuple[str, ...]]:
    """Those readings, for another process."""
    return _corrections.readings


def is_corrected(name: str) -> bool:
    return bool(_corrections.pattern.search(name))


def read_corrected(name: str) -> str:
    """The name with those characters spelled out that a correction speaks of."""
    readings = _corrections.readings
    return _corrections.pattern.sub(lambda found: "".join(readings[found.group()]), name)


@lru_cache(maxsize=1)
def _simplifier():
    from opencc import OpenCC

    return OpenCC("t2s")


def fold(text: str) -> str:
    """Half width, lower case, without accents, in simplified characters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    plain = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
    return _simplifier().convert(unicodedata.normalize("NFC", plain))


@lru_cache(maxsize=4096)
def syllables(han: str) -> tuple[str, ...]:
    """The pinyin of Han characters without tones, `v` as `u`: 库尔勒 gives ku, er, le."""
    found: list[str] = []
    at = 0
    for match in _corrections.pattern.finditer(han):
        found += _read(han[at : match.start()])
        found += _corrections.readings[match.group()]
        at = match.end()
    return (*found, *_read(han[at:]))


def _read(han: str) -> list[str]:
    """As pypinyin reads the whole: it cuts it into phrases, and these come again and again."""
    from pypinyin.seg.mmseg import seg

    return [syllable for phrase in seg.cut(han) for syllable in _read_phrase(phrase)]


@lru_cache(maxsize=1 << 15)
def _read_phrase(phrase: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    spoken = lazy_pinyin(phrase, style=Style.NORMAL)
    return tuple(s.replace("ü", "u").replace("v", "u") for s in spoken)


def pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """The runs of Han characters and of other letters and digits, each with "is it Han"."""
    return _kept_pieces(text) if len(text) <= LONGEST_KEPT else _pieces(text)


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    runs = PIECES.findall(fold(text))
    return tuple((run, bool(IS_HAN.match(run))) for run in runs)


# A name is cut up for its slug, its order, its words and its likeness, one after the other.
_kept_pieces = lru_cache(maxsize=8192)(_pieces)


def words_of(name: str) -> set[str]:
    """Every word under which a name can be found."""
    found: set[str] = set()
    latin: list[str] = []
    for run, is_han in pieces(name):
        if is_han:
            found |= _han_words(run)
        else:
            latin.append(run)
    found.update(latin)
    if len(latin) > 1:
        found.add("".join(word[0] for word in latin))
        found.update(joined(latin, 2))
    return found


def joined(parts: Sequence[str], size: int) -> Iterator[str]:
    """So many neighbours in one, from each on."""
    return map("".join, zip(*(parts[at:] for at in range(size)), strict=False))


def _han_words(run: str) -> set[str]:
    spoken = syllables(run)
    found = set(run) | set(spoken)
    found.update(joined(run, 2), *(joined(spoken, size) for size in (2, 3, 4)))
    initials = "".join([s[0] for s in spoken])
    found |= {"".join(spoken), initials}
    # Initials from every character on, so that a name is found from its middle: zygxy, gxy.
    found.update([initials[i:] for i in range(1, len(initials) - 1)])
    return found


def words_of_site(address: str) -> set[str]:
    """The parts of a web site's host: www.zut.edu.cn gives zut, edu and cn."""
    host = (urlsplit(address).hostname or "") if "//" in address else address
    return {word for word, _han in pieces(host) if word not in UNTELLING}


def spoken_words(name: str) -> set[str]:
    """The words of a name that somebody may mistype: Latin words, and pinyin by two and three."""
    found: set[str] = set()
    for run, is_han in pieces(name):
        spoken = syllables(run) if is_han else [run]
        found.add("".join(spoken))
        found.update(*(joined(spoken, size) for size in (1, 2, 3)))
    return {word for word in found if 3 < len(word) <= LONGEST_WORD and not word.isdigit()}


def all_words(names: Iterable[str]) -> set[str]:
    return set().union(*(words_of(name) for name in names), set())


@lru_cache(maxsize=256)
def asked(query: str) -> tuple[tuple[str, ...], str] | None:
    """The whole words of a query and its last, which may be a beginning (or "").

    None when the query holds no letter, digit or Han character: it finds nobody.
    """
    whole: dict[str, None] = {}
    last = ""
    runs = pieces(query[:LONGEST_QUERY])
    for number, (run, is_han) in enumerate(runs):
        if is_han and len(run) > 1:
            whole.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
        elif is_han or number < len(runs) - 1 or query[-1:].isspace():
            whole[run] = None
        else:
            last = run
    if not runs:
        return None
    return tuple(whole)[:MOST_WORDS], last


def matches(query: str, *names: str) -> bool:
    """Whether all words of the query are words of these names."""
    question = asked(query)
    if question is None:
        return False
    whole, last = question
    if not last and all(map(IS_HAN.match, whole)):
        # A Han word is a word of a name just where a run of the name holds it.
        runs = [run for name in names for run, _han in pieces(name)]
        return all(any(word in run for run in runs) for word in whole)
    return answers(question, frozenset().union(*map(kept_words_of, names)))


def answers(question: tuple[Sequence[str], str], found: frozenset[str]) -> bool:
    """Whether all words of a query that was `asked` once are among those found."""
    whole, last = question
    return found.issuperset(whole) and (not last or any(word.startswith(last) for word in found))


@lru_cache(maxsize=2000)
def kept_words_of(name: str) -> frozenset[str]:
    return frozenset(words_of(name))


@lru_cache(maxsize=8192)
def kept_words_of_all(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(all_words(names))


def sort_key(name: str) -> str:
    """Where a name stands in the order of pinyin: its syllables, then its other words."""
    parts: list[str] = []
    for run, is_han in pieces(name):
        parts += syllables(run) if is_han else [run]
    return " ".join(parts)[:600]


def slug_of(name: str, name_en: str) -> str:
    """The readable part of an address: English words, else pinyin; at most 80 characters."""
    parts = [run for run, is_han in pieces(name_en) if not is_han]
    if not parts:
        parts = sort_key(name).split()
    text = re.sub(r"[^a-z0-9]+", "-", "-".join(parts)).strip("-")
    return text if len(text) <= 80 else text[:81].rsplit("-", 1)[0][:80].strip("-")
