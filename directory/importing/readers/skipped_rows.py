"""Recognize rows that are none of the list: totals, notes and separators."""

import re

HAN_DIGITS = "一二三四五六七八九十"
NUMERAL = rf"[\d{HAN_DIGITS}百千零〇两]"
TOTAL = re.compile(
    r"(本页|本表|以上)?(合计|总计|共计|小计|总数|累计|grandtotal|subtotal|total|sum)"
    rf"([(（](所|家|个|校|户|单位)[)）])?[:：]?{NUMERAL}*"
    r"(所|家|个|校|项|名|人|条)?(单位|学校|企业)?[。.]?\Z"
    r"|(以上)?(合计|总计|共计|共有|共)[:：]?\d+(所|家|个|校|项|名|条)"
    rf"|(以上)?(合计|总计|共计|共有|共)[:：]?{NUMERAL}+(所|家|个|校|项|名|条)"
    r"(单位|学校|企业|院校|成员)?([,，。;；]|\Z)",
    re.I,
)
NOTE = re.compile(
    r"(备注|注|说明|填表|制表|审核|数据来源|来源|note|source)[\d一二三]?[:：人日]", re.I
)
FOOTER = re.compile(
    r"((备注|附注|注|说明|数据来源|来源|note|source)\d*"
    r"|(填表|填报|制表|审核|审批|报送|上报|汇总|联系|联络|经办|负责)"
    r"(单位|部门|人员|人|时间|日期|电话|方式|签字|签名|盖章)*)([(（][^)）]*[)）])?[:：]"
    r"|(填表|填报|制表|审核|报送|经办)(单位|部门|人|时间|日期)\Z",
    re.I,
)
EXAMPLE_LABELS = frozenset(("示例", "例", "样例", "范例", "填写示例", "填写范例"))
# The beginning or the end of a separator, in any column.
SECTION_NUMBER = rf"[(（]?[{HAN_DIGITS}]+[)）、.．]|第[{HAN_DIGITS}]+[批类部章组]"
WITH_COUNT = r".*[(（]\s*(共\s*)?\d+\s*(所|家|个|校|户)\s*[)）]\Z"
GROUP_ENDINGS = "省|自治区|特别行政区|省份|直辖市|院校|高校|学校|企业|单位|机构|协会"
SEPARATOR = re.compile(
    rf"{SECTION_NUMBER}|{WITH_COUNT}|\w{{1,8}}({GROUP_ENDINGS})(名单|类|部分)?\Z"
)
# In the column of names, 河南省服装行业协会 is a name: only what no organization is called is a
# separator there.
GROUP_NAME = (
    r"(本科|层次|高职|高专|专科|中职|中专|技工|职业|普通|高等|中等|民办|公办|省属|市属|行业|参与"
    r"|成员|会员|龙头|骨干|牵头|理事长|理事|常务|副|科研|相关|其他|其它)*"
    r"(院校|高校|学校|企业|单位|机构|协会|院所)(名单|类|部分)?"
)
PROVINCE = r"(\w{1,8}(省|自治区|特别行政区|省份|直辖市)|(北京|天津|上海|重庆)市)(名单|类|部分)?"
SEPARATOR_AMONG_NAMES = re.compile(
    rf"({SECTION_NUMBER})?({GROUP_NAME}|{PROVINCE})\Z|({SECTION_NUMBER})\Z|{WITH_COUNT}"
)
SECTION_NUMERAL = re.compile(rf"[(（]?[{HAN_DIGITS}]+[)）、.．]?\Z")


def remove_whitespace(text: str) -> str:
    """Return the text without spaces and line ends."""
    return re.sub(r"\s+", "", text)


def is_separator(text: str, among_names: bool) -> bool:
    """Whether a cell that is alone in its row is a title for the rows that follow."""
    if among_names:
        return bool(SEPARATOR_AMONG_NAMES.match(remove_whitespace(text)))
    return bool(SEPARATOR.match(text))


def is_example(sequence: str) -> bool:
    """Whether the row is an example of how to fill in the form, by its sequence cell."""
    return sequence.strip("()（）:：、.【】") in EXAMPLE_LABELS


def is_section_heading(sequence: str, name: str) -> bool:
    """Whether it is a numeral and a word for a group (三, 企业), not an organization's name."""
    return bool(SECTION_NUMERAL.match(sequence) and SEPARATOR_AMONG_NAMES.match(name))
