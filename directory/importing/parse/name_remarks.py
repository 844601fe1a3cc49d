"""Recognize a remark beside a name: that it has left, waits, is new, or is a part of a whole.

中原工学院（已退出）      a state, which is taken off
中原工学院*               a mark of a note, which is taken off
中原工学院（龙湖校区）    what may belong to the name, and stays with it
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from directory.duplicates import normalize
from directory.text import tokens

LEFT = re.compile(
    r"(?<![未不非没无拟])(?:已(?:经)?)?(?:退出|退会|离会|注销|吊销|除名|撤销|停办|停业|解散|倒闭|破产"
    r"|解约|清退|被清退|被取消|取消资格|不再(?:是|为|担任|参加))"
    r"|(?:原|前|曾任|曾为|曾是)(?:副?理事长|常务副理事长|常务理事|理事|成员|会员|牵头)(?:单位|企业|院校)?\Z"
    r"|\b(?:withdrawn|withdrew|resigned|deregistered|dissolved|expelled|left|former member"
    r"|ex-member)\b",
    re.I,
)
WAITS = (
    "待确认|待定|待核实|待核|待审核|待审|待补充|未确认|未核实|暂定|拟加入|拟退出|拟|意向|候选|筹|筹建|筹备"
    "|存疑|疑似|to be confirmed|tbc|pending|unconfirmed"
)
IS_NEW = r"新增|新加入|新|新成员|重复|同上|更正|变更|已更名|更名"
IS_ITSELF = "本部|校本部|总部|总校|总公司|main campus|headquarters"
STATE = re.compile(
    rf"(?:{WAITS}|{IS_NEW}|{IS_ITSELF}|(?:\d{{4}}年?)?(?:\d{{1,2}}月)?(?:{WAITS}|{IS_NEW}|加入|入会)"
    r"|(?:19|20)\d{2}年?(?:\d{1,2}月)?(?:\d{1,2}日)?)\Z",
    re.I,
)
OPENING, CLOSING = r"[(（\[［【〔〖<《]", r"[)）\]］】〕〗>》]"
BRACKET_AT_END = re.compile(rf"\s*{OPENING}\s*([^()（）\[\]【】]+?)\s*{CLOSING}\Z")
BRACKET_AT_START = re.compile(rf"\A{OPENING}\s*([^()（）\[\]【】]+?)\s*{CLOSING}\s*")
# Words that stand at the end without a bracket, and end no name.
STATE_AT_END = re.compile(
    r"[\s\-—–_:：,，/]*((?:已(?:经)?)(?:退出|退会|注销|除名|撤销|停办|解散)|退会|待确认|待核实|拟加入)\Z"
)
HAN_OR_BRACKET = rf"[{tokens.HAN_RANGES})）]"
MARK_AT_END = re.compile(
    rf"(?<={HAN_OR_BRACKET})\s*"
    r"(\[\d+\]|［\d+］|〔\d+〕|注\d+|[¹²³⁴-⁹]+|[*＊★☆※#△▲●◆✓√]+)\Z"
)
NUMBER_AT_END = re.compile(rf"(?<=[{tokens.HAN_RANGES}])\s*(\d{{1,2}})\Z")
MARK_AT_START = re.compile(r"\A([*＊★☆※#△▲●◆✓√]+)\s*")
# What stands in brackets at the end of names themselves.
PART_OF_NAME = re.compile(
    r"(?:普通|有限|特殊普通)?合伙|个体(?:工商户)?|集团|控股|中国|中央|全国|国际|亚洲|亚太|大中华区?|海外"
    r"|[东西华中][东西南北中]?(?:地区)?|(?<![校园])区域?|内地|大陆|香港|澳门|台湾|[\w·]{1,8}(?:[省市县旗盟州]|(?<![校园])区)"
    r"|Group|Holdings?|China|Asia|International|Hong Kong|Macao|Taiwan|L\.?L\.?P",
    re.I,
)


class Remark(NamedTuple):
    """What stands beside a name: its own text, the name without it, and the reason for doubt."""

    text: str
    base: str
    reason: str


def find_state(name: str) -> Remark | None:
    """Return a state or a mark beside the name, which is no part of it, or None."""
    for pattern in (BRACKET_AT_END, BRACKET_AT_START, STATE_AT_END):
        if (match := pattern.search(name)) and (reason := get_reason(match[1])):
            return build_remark(name, match, reason)
    for pattern in (MARK_AT_END, MARK_AT_START):
        if match := pattern.search(name):
            return build_remark(name, match, "name-remark")
    return None


def find_addition(name: str, is_place: Callable[[str], bool]) -> Remark | None:
    """Return a bracket or a number at the end that may be a part of the name, or None."""
    match = BRACKET_AT_END.search(name)
    if match and is_part_of_name(match[1], is_place):
        return None
    match = match or NUMBER_AT_END.search(name)
    return build_remark(name, match, "name-remark") if match and match.start() > 1 else None


def build_remark(name: str, match: re.Match, reason: str) -> Remark:
    base = name[: match.start()] + name[match.end() :]
    return Remark(match[1], base.strip(), reason)


def get_reason(text: str) -> str:
    """Return the reason for a state that the text tells: "left", "name-remark", or ""."""
    if LEFT.search(text):
        return "left"
    return "name-remark" if STATE.match(text) else ""


def is_part_of_name(inside: str, is_place: Callable[[str], bool]) -> bool:
    """Whether names have such a bracket: a place, a legal form, a general word."""
    if PART_OF_NAME.fullmatch(inside) or is_place(inside):
        return True
    return not normalize.GENERIC.sub("", inside)
