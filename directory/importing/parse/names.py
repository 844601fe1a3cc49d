"""A name with what offices hang on it: numbers, seals, roles, earlier names and a translation.

2、中原工学院（原郑州纺织工学院）（盖章）
name     中原工学院
aliases  郑州纺织工学院, a former name
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from directory.duplicates import normalize
from directory.importing.parse.terms import kind_by_name
from directory.importing.readers.skipped_rows import HAN_DIGITS
from directory.text import tokens

LONGEST, SHORTEST = 250, 4
ENDS = " 、；;，,"
CIRCLED = "①-⑳㉑-㉟"
# What nearly all names are without; only the others are looked at closely.
TELLTALE = re.compile(
    rf"\A\s*[\d(（{CIRCLED}]|\A\s*[{HAN_DIGITS}]+[、.．)）]|[)）{CIRCLED}]\s*\Z"
    r"|[、；;\n]|[XxＸｘ×]{2}|某某|\s[A-Za-z]"
)
NUMBER = re.compile(
    rf"\s*(?:\d{{1,4}}\s*[.．、)）](?!\d)|\d{{1,3}}\s+(?=[{tokens.HAN}]{{4}})"
    rf"|[(（]\s*(?:\d{{1,4}}|[{HAN_DIGITS}]+)\s*[)）]|[{HAN_DIGITS}]+[、.．)）]|[{CIRCLED}])\s*"
)
WORN = "公章|盖章|章|牵头|牵头单位|理事长单位|副理事长单位|常务理事单位|理事单位|成员单位"
AT_END = re.compile(rf"\s*(?:[{CIRCLED}]|[(（]\s*(?:{WORN})\s*[)）])\Z")
FORMER = re.compile(
    r"\s*[(（]\s*(?:(?:原名称?|曾用名|前身)\s*[:：为是]?\s*(.{2,}?)|原\s*[:：]?\s*(.{3,}?))\s*[)）]\Z"
)
BRACKET = re.compile(r"\s*[(（]([^()（）]{2,})[)）]\Z")
TRANSLATED = re.compile(
    rf"([^A-Za-z]*[{tokens.HAN}][^A-Za-z]*?)\s+([A-Za-z][\w&.,'’()\-]*(?:\s+[\w&.,'’()\-]+)+)\Z",
    re.A,
)
BETWEEN = re.compile(r"[、；;\n]")
PLACEHOLDER = re.compile(r"某某|(?<![A-Za-z])[XxＸｘ×]{2,}(?![A-Za-z])")
SCHOOLS = ("学校", "学院", "大学")


class Name(NamedTuple):
    """The name itself, a translation beside it, and other names in brackets with their sorts."""

    name: str
    english: str = ""
    aliases: tuple[tuple[str, str], ...] = ()


def undressed(text: str, is_place: Callable[[str], bool], translated: bool) -> Name:
    """The name without what it wears; a translation only where the list has no other."""
    text = text.strip(ENDS)
    number = NUMBER.match(text)
    name, aliases = without_brackets(text[number.end() :] if number else text, is_place)
    english = ""
    found = None if translated else TRANSLATED.match(name)
    if found and is_english(found[2]) and not is_place(found[1]):
        english = found[2]
        name, more = without_brackets(found[1], is_place)
        aliases += more
    if not any(map(str.isalpha, name)):
        return Name(text)
    return Name(name, english, aliases)


def without_brackets(name: str, is_place: Callable) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Taken off from the end, one after the other, as long as one is known."""
    aliases: list[tuple[str, str]] = []
    while True:
        if found := AT_END.search(name):
            pass
        elif found := FORMER.search(name):
            aliases += [(each, "former") for each in listed(found[1] or found[2])]
        elif (found := BRACKET.search(name)) and is_short(found, is_place):
            aliases.append((found[1].strip(), "short"))
        else:
            return name, tuple(aliases)
        name = name[: found.start()]


def listed(text: str) -> list[str]:
    """The names between which 、 stands; what is shorter than a name is part of one."""
    parts = [part.strip() for part in BETWEEN.split(text)]
    return parts if min(map(len, parts)) >= SHORTEST else [text]


def is_short(found: re.Match, is_place: Callable[[str], bool]) -> bool:
    """Whether it is made of characters before it; a place or 集团 belongs to the name."""
    inside, rest = found[1], iter(found.string[: found.start()].casefold())
    if not all(char in rest for char in inside.strip().casefold()):
        return False
    return bool(normalize.GENERIC.sub("", inside)) and not is_place(inside)


def is_english(text: str) -> bool:
    return sum(len(word) > 1 and word[0].isalpha() for word in text.split()) > 1


def doubts(cell: str) -> Iterator[str]:
    """What keeps the cell from being the name of one."""
    if PLACEHOLDER.search(cell):
        yield "placeholder"
    parts = [part.strip() for part in BETWEEN.split(cell) if part.strip()]
    alike = len({part.isascii() for part in parts}) == 1  # else one translates the other
    if len(parts) > 1 and alike and all(map(is_whole, parts)):
        yield "several-names"


def is_whole(part: str) -> bool:
    return part.endswith(SCHOOLS) or bool(kind_by_name(part))
