"""Tokenize names and queries for search: any spelling, script, pinyin or initials.

A name gives its Latin words, its Han characters and pairs of them (simplified), and their
pinyin: each syllable, two to four of them joined, all of them joined, and the initials. A
query gives the words that must all be among them; its last Latin word may be a prefix.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import filterfalse
from typing import Any
from urllib.parse import urlsplit

MAX_QUERY_LENGTH = 200
MAX_QUERY_WORDS = MAX_QUERY_LENGTH
MAX_WORD_LENGTH = 40
MAX_CACHED_LENGTH = 250
HAN_RANGES = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN_PATTERN = re.compile(f"[{HAN_RANGES}]")
RUN_PATTERN = re.compile(rf"[{HAN_RANGES}]+|(?:(?![{HAN_RANGES}_])\w)+")
STOP_WORDS = frozenset(("www", "http", "https"))

# What pypinyin reads wrongly in names: the longest match wins. The admin adds others
# (`set_readings`).
DEFAULT_READINGS = {
    "库尔勒": ("ku", "er", "le"),
    "单县": ("shan", "xian"),
    "巴音郭楞": ("ba", "yin", "guo", "leng"),
}


class PinyinReadings:
    """The custom readings that take precedence over pypinyin's, in this process."""

    def __init__(self, readings: Mapping[str, tuple[str, ...]]):
        self.readings = dict(readings)
        longest_first = sorted(self.readings, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest_first)))


_custom = PinyinReadings(DEFAULT_READINGS)


def set_readings(readings: Mapping[str, tuple[str, ...]]) -> None:
    """Use these readings from now on, beside or in place of the default ones."""
    global _custom
    merged = DEFAULT_READINGS | dict(readings)
    if merged != _custom.readings:
        _custom = PinyinReadings(merged)
        for function in (get_syllables, tokenize_cached, tokenize_all_cached):
            function.cache_clear()


def get_readings() -> Mapping[str, tuple[str, ...]]:
    """Return the custom readings, to pass them to another process."""
    return _custom.readings


def has_custom_reading(name: str) -> bool:
    return bool(_custom.pattern.search(name))


def replace_custom_readings(name: str) -> str:
    """Return the name with the characters that have a custom reading spelled out in pinyin."""
    readings = _custom.readings
    return _custom.pattern.sub(lambda match: "".join(readings[match.group()]), name)


@lru_cache(maxsize=1)
def _get_simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def fold(text: str) -> str:
    """Normalize text: half width, lower case, without accents, in simplified characters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    plain = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
    return _get_simplifier().convert(unicodedata.normalize("NFC", plain))


@lru_cache(maxsize=4096)
def get_syllables(han: str) -> tuple[str, ...]:
    """Return the pinyin of Han characters without tones, `v` as `u`: 库尔勒 gives ku, er, le."""
    syllables: list[str] = []
    start = 0
    for match in _custom.pattern.finditer(han):
        syllables += _get_segmented_syllables(han[start : match.start()])
        syllables += _custom.readings[match.group()]
        start = match.end()
    return (*syllables, *_get_segmented_syllables(han[start:]))


def _get_segmented_syllables(han: str) -> list[str]:
    """Return the pinyin as pypinyin gives it for the whole text.

    It cuts the text into phrases; as these recur, each is cached.
    """
    from pypinyin.seg.mmseg import seg

    return [syllable for phrase in seg.cut(han) for syllable in _get_phrase_syllables(phrase)]


@lru_cache(maxsize=1 << 15)
def _get_phrase_syllables(phrase: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(phrase, style=Style.NORMAL)
    return tuple(s.replace("ü", "u").replace("v", "u") for s in syllables)


def split_runs(text: str) -> tuple[tuple[str, bool], ...]:
    """Split text into runs of Han characters and of other word characters, each with `is_han`."""
    return _split_runs_cached(text) if len(text) <= MAX_CACHED_LENGTH else _split_runs(text)


def _split_runs(text: str) -> tuple[tuple[str, bool], ...]:
    runs = RUN_PATTERN.findall(fold(text))
    return tuple((run, bool(HAN_PATTERN.match(run))) for run in runs)


# A name is split for its slug, its sort key, its words and its similarity, one after the other.
_split_runs_cached = lru_cache(maxsize=8192)(_split_runs)


def tokenize(name: str) -> set[str]:
    """Return every word by which a name can be found."""
    words: set[str] = set()
    latin: list[str] = []
    for run, is_han in split_runs(name):
        if is_han:
            words |= _tokenize_han(run)
        else:
            latin.append(run)
    words.update(latin)
    if len(latin) > 1:
        words.add("".join(word[0] for word in latin))
        words.update(join_neighbours(latin, 2))
    return words


def join_neighbours(parts: Sequence[str], size: int) -> Iterator[str]:
    """Join each `size` consecutive parts into one word (n-grams)."""
    return map("".join, zip(*(parts[start:] for start in range(size)), strict=False))


def _tokenize_han(run: str) -> set[str]:
    syllables = get_syllables(run)
    words = set(run) | set(syllables)
    words.update(join_neighbours(run, 2), *(join_neighbours(syllables, n) for n in (2, 3, 4)))
    initials = "".join([s[0] for s in syllables])
    words |= {"".join(syllables), initials}
    # Initials from every character on, so that a name is found from its middle: zygxy, gxy.
    words.update([initials[i:] for i in range(1, len(initials) - 1)])
    return words


def tokenize_website(address: str) -> set[str]:
    """Return the parts of a website's host: www.zut.edu.cn gives zut, edu and cn."""
    host = (urlsplit(address).hostname or "") if "//" in address else address
    return {word for word, _han in split_runs(host) if word not in STOP_WORDS}


def get_vocabulary_words(name: str) -> set[str]:
    """Return the words of a name that spelling suggestions compare with.

    These are Latin words, and pinyin by two and three syllables: what somebody may mistype.
    """
    words: set[str] = set()
    for run, is_han in split_runs(name):
        parts = get_syllables(run) if is_han else [run]
        words.add("".join(parts))
        words.update(*(join_neighbours(parts, size) for size in (1, 2, 3)))
    return {word for word in words if 3 < len(word) <= MAX_WORD_LENGTH and not word.isdigit()}


def tokenize_all(names: Iterable[str]) -> set[str]:
    return set().union(*(tokenize(name) for name in names), set())


@lru_cache(maxsize=256)
def parse_query(query: str) -> tuple[tuple[str, ...], str] | None:
    """Return the whole words of a query, and its last word if it may be a prefix (else "").

    None when the query holds no letter, digit or Han character: it finds nothing.
    """
    whole: dict[str, None] = {}
    last = ""
    runs = split_runs(query[:MAX_QUERY_LENGTH])
    for number, (run, is_han) in enumerate(runs):
        if is_han and len(run) > 1:
            whole.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
        elif is_han or number < len(runs) - 1 or query[-1:].isspace():
            whole[run] = None
        else:
            last = run
    if not runs:
        return None
    return tuple(whole)[:MAX_QUERY_WORDS], last


def matches(query: str, *names: str) -> bool:
    """Whether all words of the query are words of these names."""
    parsed = parse_query(query)
    if parsed is None:
        return False
    whole, last = parsed
    if not last and all(map(HAN_PATTERN.match, whole)):
        # A Han word is a word of a name just where a run of the name holds it.
        runs = [run for name in names for run, _han in split_runs(name)]
        return all(any(word in run for run in runs) for word in whole)
    return has_all_words(parsed, frozenset().union(*map(tokenize_cached, names)))


def has_all_words(parsed: tuple[Sequence[str], str], words: frozenset[str]) -> bool:
    """Whether all words of a parsed query are among `words`."""
    whole, last = parsed
    return words.issuperset(whole) and (not last or any(word.startswith(last) for word in words))


@lru_cache(maxsize=2000)
def tokenize_cached(name: str) -> frozenset[str]:
    return frozenset(tokenize(name))


@lru_cache(maxsize=8192)
def tokenize_all_cached(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(tokenize_all(names))


def sort_key(name: str) -> str:
    """Return the key that sorts a name by pinyin: syllables of its Han runs, else its words."""
    parts: list[str] = []
    for run, is_han in split_runs(name):
        parts += get_syllables(run) if is_han else [run]
    return " ".join(parts)[:600]


def build_slug(name: str, name_en: str) -> str:
    """Return the readable part of a URL: English words, else pinyin; at most 80 characters."""
    parts = [run for run, is_han in split_runs(name_en) if not is_han]
    if not parts:
        parts = sort_key(name).split()
    text = re.sub(r"[^a-z0-9]+", "-", "-".join(parts)).strip("-")
    return text if len(text) <= 80 else text[:81].rsplit("-", 1)[0][:80].strip("-")
