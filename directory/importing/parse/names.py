"""Parse the cell of a name: strip numbers, stamps and roles, split off other names.

2、中原工学院（原郑州纺织工学院）（盖章）
name     中原工学院
aliases  郑州纺织工学院, a former name
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from directory.duplicates import normalize
from directory.importing.parse.name_remarks import Remark, find_addition, find_state
from directory.importing.readers.skipped_rows import HAN_DIGITS
from directory.text import tokens

MAX_LENGTH, MIN_LISTED_LENGTH = 250, 4
TRIMMED_CHARACTERS = " 、；;，,"
CIRCLED_NUMBERS = "①-⑳㉑-㉟"
# Nearly all Chinese names do not match; only those that do are parsed.
NEEDS_PARSING = re.compile(
    rf"[^{tokens.HAN_RANGES}()（）]|\A\s*[(（]|[)）]\s*\Z"
    r"|某某|(?<![高中])等|[与和及暨已待]|退会|拟加入"
)
LEADING_NUMBER = re.compile(
    rf"\s*(?:\d{{1,4}}\s*[.．、)）](?!\d)|\d{{1,3}}\s+(?=[{tokens.HAN_RANGES}]{{4}})"
    rf"|[(（]\s*(?:\d{{1,4}}|[{HAN_DIGITS}]+)\s*[)）]|[{HAN_DIGITS}]+[、.．)）]|[{CIRCLED_NUMBERS}])\s*"
)
STAMPS_AND_ROLES = (
    "公章|盖章|章|牵头|牵头单位|理事长单位|副理事长单位|常务理事单位|理事单位|成员单位"
)
STAMP_AT_END = re.compile(rf"\s*(?:[{CIRCLED_NUMBERS}]|[(（]\s*(?:{STAMPS_AND_ROLES})\s*[)）])\Z")
FORMER_NAME = re.compile(
    r"\s*[(（]\s*(?:(?:原名称?|曾用名|前身)\s*[:：为是]?\s*(.{2,}?)|原\s*[:：]?\s*(.{3,}?))\s*[)）]\Z"
)
BRACKET_AT_END = re.compile(r"\s*[(（]([^()（）]{2,})[)）]\Z")
NAME_AND_TRANSLATION = re.compile(
    rf"([^A-Za-z]*[{tokens.HAN_RANGES}][^A-Za-z]*?)(?:\s+|\s*[/／|｜]\s*)([A-Za-z][\w&.,'’()\-]*(?:\s+[\w&.,'’()\-]+)+)\Z",
    re.A,
)
NAME_SEPARATOR = re.compile(r"[、；;\n]")


class ParsedName(NamedTuple):
    """A name, its English translation, other names as (name, sort), and remarks beside it."""

    name: str
    name_en: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


def parse_name(text: str, is_place: Callable[[str], bool], has_translation: bool) -> ParsedName:
    """Split a cell into name, translation, aliases and remarks.

    A translation is looked for only where the list has none in a column of its own.
    """
    text = text.strip(TRIMMED_CHARACTERS)
    number = LEADING_NUMBER.match(text)
    parsed = strip_brackets(text[number.end() :] if number else text, is_place)
    match = None if has_translation else NAME_AND_TRANSLATION.match(parsed.name)
    if match and is_english(match[2]) and not is_place(match[1]):
        chinese = strip_brackets(match[1], is_place)
        aliases, remarks = parsed.aliases + chinese.aliases, parsed.remarks + chinese.remarks
        parsed = ParsedName(chinese.name, match[2], aliases, remarks)
    return parsed if any(map(str.isalpha, parsed.name)) else ParsedName(text)


def strip_brackets(name: str, is_place: Callable[[str], bool]) -> ParsedName:
    """Return the name without stamps, states and other names beside it; and these."""
    aliases: list[tuple[str, str]] = []
    remarks: list[Remark] = []
    while True:
        if match := STAMP_AT_END.search(name):
            pass
        elif state := find_state(name):
            remarks.append(state)
            name = state.base
            continue
        elif match := FORMER_NAME.search(name):
            aliases += [(former, "former") for former in split_names(match[1] or match[2])]
        elif (match := BRACKET_AT_END.search(name)) and is_short_name(match, is_place):
            aliases.append((match[1].strip(), "short"))
        else:
            if addition := find_addition(name, is_place):
                remarks.append(addition)
            return ParsedName(name, "", tuple(aliases), tuple(remarks))
        name = name[: match.start()]


def split_names(text: str) -> list[str]:
    """Return the names between separators; the whole text if a part is too short for a name."""
    parts = [part.strip() for part in NAME_SEPARATOR.split(text)]
    return parts if min(map(len, parts)) >= MIN_LISTED_LENGTH else [text]


def is_short_name(bracket: re.Match, is_place: Callable[[str], bool]) -> bool:
    """Whether a bracket is made of characters before it; a place or 集团 belongs to the name."""
    inside, rest = bracket[1], iter(bracket.string[: bracket.start()].casefold())
    if not all(char in rest for char in inside.strip().casefold()):
        return False
    return bool(normalize.GENERIC.sub("", inside)) and not is_place(inside)


def is_english(text: str) -> bool:
    """Whether the text has two words of more than one letter."""
    return sum(len(word) > 1 and word[0].isalpha() for word in text.split()) > 1
