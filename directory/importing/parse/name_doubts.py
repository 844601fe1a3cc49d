"""Reasons why a cell may not be the name of one organization."""

import re
from collections.abc import Callable, Iterator

from directory.duplicates import normalize
from directory.importing.parse import cells as parse_cells
from directory.importing.parse.terms import find_kind_by_name
from directory.importing.readers import headings, skipped_rows
from directory.text import tokens

MIN_LENGTH = 4  # of one of several names
MAX_TERM_LENGTH = 24  # of a heading, a region or a kind
ENGLISH_ENDING = re.compile(
    r"\b(?:ltd|limited|inc|incorporated|corp|corporation|company|llc|plc|gmbh|s\.a|university|college"
    r"|institute|school|association)\.?\Z",
    re.I,
)
SCHOOL_ENDINGS = ("学校", "学院", "大学")
HAN = f"[{tokens.HAN_RANGES}]"
PLACEHOLDER = re.compile(r"某某|(?<![A-Za-z])[XxＸｘ×]{2,}(?![A-Za-z])|[*＊_]{2,}(?=.)")
BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
LIST_SEPARATOR = re.compile(r"[、；;\n]")
# Signs that stand between two names, or between a name and something else.
BETWEEN_NAMES = re.compile(
    r"[、；;\n/／|｜+＋＆，]|\s&\s"
    r"|,(?!\s*(?:co|company|ltd|limited|inc|llc|llp|plc|corp|gmbh|s\.|b\.|n\.|pty|pte)\b)",
    re.I,
)
# Signs after which a name is complete, whatever follows.
AFTER_NAME = re.compile(r"[/／|｜；;+＋，]")
SPACE = re.compile(rf"(?<={HAN})\s+(?={HAN})")
CONJUNCTION = re.compile(r"以及|[与和及暨&＆]|\sand\s")
PART_ENDING = re.compile(r"(分公司|分校|分院|分部|分会|分行|分厂|校区|附属\w*)\Z")
GROUP = re.compile(
    r"(?<![高中初优同])等(?:\s*(?:[\d一二三四五六七八九十百几数多]+|若干)\s*余?多?[所家个名户]?"
    r"|\s*(?:单位|院校|高校|企业|学校|公司|机构|大学|学院))?(?:单位|院校|高校|企业|学校|公司|机构)?\Z"
    r"|(?:\d+余?|若干|多)[所家个](?:会员|成员|理事|合作|相关|有关|本科|高职|职业|高等|龙头|骨干)*"
    r"(?:单位|院校|高校|企业|学校|公司|机构)\Z"
    r"|及其?(?:下属|所属|相关|有关|各|其他|其它)\w{0,6}\Z"
    r"|\bet al\b|\band (?:\d+ )?others?\Z",
    re.I,
)
CONTACT = re.compile(
    r"https?:|\bwww\.|[^\s@]+@[^\s@]+\.\w|\d{7}|\d[\d \-]{8,}\d"
    r"|\A[a-z0-9\-.]+\.(?:cn|com|org|net|edu|gov|info|io|top|xyz)(?:/\S*)?\Z"
    r"|(?:联系人|联络人|电话|手机|传真|邮箱|邮编|微信|地址|tel|phone|fax|e-?mail)\s*[:：]",
    re.I,
)
YEAR = re.compile(r"\d+年")


def find_doubts(cell: str, is_term: Callable[[str], bool]) -> Iterator[str]:
    """Yield codes of reasons for doubt; `is_term` tells whether a text is a word of the lists.

    Such a word, a place, a kind or a role, may have slipped in from another column.
    """
    name = parse_cells.normalize_line(cell)
    if PLACEHOLDER.search(cell):
        yield "placeholder"
    if len(name) <= MAX_TERM_LENGTH and (is_something_else(name) or is_term(name)):
        yield "name-other"
    elif CONTACT.search(cell):
        yield "name-contact"
    elif GROUP.search(BRACKETS.sub("", name)):
        yield "name-group"
    elif holds_several_names(cell):
        yield "several-names"


def is_something_else(name: str) -> bool:
    """Whether it is a heading, the title of a part of the list, or a day."""
    if headings.normalize_heading(name) in headings.FIELD_BY_HEADING:
        return True
    if skipped_rows.is_separator(name, among_names=True):
        return True
    return bool(parse_cells.parse_date(name, "name")[0])


def holds_several_names(cell: str) -> bool:
    """Whether the cell holds names of several organizations.

    Of 新疆大学纺织与服装学院 and 示例纺织服装、服饰业协会 no part is complete in itself.
    """
    text = BRACKETS.sub("", cell).strip()
    parts = split(LIST_SEPARATOR, text)
    if len(parts) > 1 and is_one_script(parts) and all(map(is_organization_name, parts)):
        return True
    for separator in (BETWEEN_NAMES, SPACE):
        parts = split(separator, text)
        if sum(map(is_complete_name, parts)) > 1 and is_one_script(parts):
            return True
    first, *others = split(AFTER_NAME, text)
    if others and is_complete_name(first) and not is_translation(first, others):
        return True
    return any(
        is_complete_name(text[: match.start()].strip())
        and is_complete_name(text[match.end() :].strip())
        for match in CONJUNCTION.finditer(text)
    )


def split(separator: re.Pattern, text: str) -> list[str]:
    """Return the parts that are not empty, or an empty text."""
    return [part.strip() for part in separator.split(text) if part.strip()] or [""]


def is_translation(first: str, others: list[str]) -> bool:
    """Whether the only other part is not Chinese, but several words, or neither is Chinese."""
    if any(re.search(HAN, part) for part in others):
        return False
    return not re.search(HAN, first) or (len(others) == 1 and " " in others[0])


def is_one_script(parts: list[str]) -> bool:
    """Whether all parts are ASCII or none: else one translates the other."""
    return len({part.isascii() for part in parts}) == 1


def is_organization_name(part: str) -> bool:
    """Whether the text ends like the name of a school or of another organization."""
    if part.endswith(SCHOOL_ENDINGS) or ENGLISH_ENDING.search(part):
        return True
    return bool(find_kind_by_name(part))


def is_complete_name(part: str) -> bool:
    """Whether the text is the name of an organization and no general word or part of another."""
    if len(part) < MIN_LENGTH or not is_organization_name(part) or PART_ENDING.search(part):
        return False
    return bool(normalize.GENERIC.sub("", part))
