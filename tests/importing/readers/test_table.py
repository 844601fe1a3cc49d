"""Which rows of a sheet are the list: no member is passed over, and no separator is a member."""

import pytest

from directory.importing.readers import headings, reader
from tests import spreadsheets as files
from tests.spreadsheets import HEADINGS, ROW

NAMES = [
    "郑州纺织工业学校", "河南省服装行业协会", "中国纺织企业", "山东省纺织行业协会",
    "中国纺织工业联合会", "东华大学", "浙江省纺织行业协会", "河南省工业学校", "江苏省服装协会",
    "中国职业技术教育学会", "北京市服装纺织行业协会", "河南省中等职业学校",
    "新疆维吾尔自治区纺织工业协会", "第一拖拉机股份有限公司", "十堰职业技术学院", "一汽技工学校",
    "中原工学院", "中国石油大学（华东）", "巴音郭楞职业技术学院", "库尔勒中泰纺织科技有限公司",
    "示例企业", "一、苏州大学", "第三类医疗器械有限公司",
    "三六一度（中国）有限公司", "郑州市科技工业学校", "中国民办教育协会",
    "四川省服装艺术学校", "共青科技职业学院", "总后勤部军需企业", "五邑大学",
    "山东省轻工业设计院", "国家纺织产品检测机构", "华北企业", "河南省纺织品检验单位",
    "北京服装学院", "上海市纺织科研院所", "广东省高等教育学会", "合肥学院", "注册纺织有限公司",
]  # fmt: skip


def passed_over(*rows: list, headings=("单位名称", "类别", "网址"), **made) -> list[tuple]:
    make = files.xlsx if made else files.csv
    found = reader.read_table(make(list(headings), *rows, ROW, **made))
    return [(number, reason) for number, reason, _text in found.skipped_rows]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_stands_alone_in_its_row_is_a_member(name):
    assert passed_over([name, "", ""]) == []
    assert passed_over([name], headings=["单位名称"]) == []


@pytest.mark.parametrize(
    "text",
    ["本科院校", "高等职业院校", "企业", "民办高校", "行业协会", "参与单位名单", "科研院所",
     "牵头单位", "副理事长单位", "河南省", "广西壮族自治区", "北京市",
     "一、高校", "（二）企业", "第一批", "本科（12所）", "职 业 院 校"],
)  # fmt: skip
def test_a_word_for_a_group_alone_is_a_separator(text):
    assert passed_over([text, "", ""]) == [(2, "separator")]


def test_a_name_that_one_merged_cell_spans_is_a_separator():
    rows = ["中国纺织企业", None, None], ["中国纺织企业"]
    assert passed_over(*rows, merged=["A2:C2"]) == [(2, "separator")]


@pytest.mark.parametrize("cells", [["三", "企业"], ["四、", "行业协会"], ["（一）", "本科（3所）"]])
def test_a_numeral_with_a_word_for_a_group_is_a_separator(cells):
    headings = ["序号", "单位名称", "类别", "网址"]
    assert passed_over([*cells, "", ""], headings=headings) == [(2, "separator")]
    assert passed_over([cells[0], "示例厂", "", ""], headings=headings) == []


@pytest.mark.parametrize(
    "cells",
    [["审核单位：示例处", "填表人：张三"], ["填表人：张三", "联系电话：0"],
     ["制表单位：示例", "日期"], ["联系人：张三", "电话"], ["报送单位：", "示例处"],
     ["注：", "以实际为准"], ["填表人", "张三"]],
)  # fmt: skip
def test_a_footer_of_several_cells_is_a_note(cells):
    assert passed_over([*cells, ""]) == [(2, "note")]


@pytest.mark.parametrize("first", ["本页小计", "合计（家）", "共计三家", "合计", "以上合计：12家"])
def test_a_total_is_known_in_figures_and_in_words(first):
    assert passed_over([first, "三家", ""]) == [(2, "total")]


def test_a_remark_that_begins_like_a_footer_takes_no_row_away():
    assert passed_over(["说明：", "示例厂", ""], headings=["备注", "单位名称", "类别"]) == []


@pytest.mark.parametrize("word", ["示例", "例", "样例", "（范例）", "填写示例："])
def test_the_row_that_shows_how_to_fill_in_is_a_note(word):
    headings = ["序号", "单位名称", "类别"]
    assert passed_over([word, "某某学院", "本科"], headings=headings) == [(2, "note")]
    assert passed_over(["1", "示例", "企业"], headings=headings) == []
    assert passed_over(["示例", "企业", "x.cn"], headings=HEADINGS) == []


HEADINGS_SAID = {
    "序号 No.": "sequence", "单位名称 Organization": "name", "单位性质/Type": "kind",
    "英文名 English Name": "name_en", "省/市": "region", "加入时间 Date joined": "since",
    "Name 名称（英文）": "name_en", "单位名称（中英文）": "name", "单位属性": "kind",
    "单位所在地": "region", "所属省市": "region", "统一社会信用代码/组织机构代码": "credit_code",
    "单位官网": "website", "拟任角色": "roles", "理事会任职": "roles", "共同体内职务": "roles",
    "在共同体中承担的角色": "roles", "成员单位类型": "roles", "行业类别": "sectors",
    "单位曾用名": "former", "加入共同体时间": "since", "院校/企业名称": "name",
    "拟加入单位名称": "name", "申报单位": "name", "申报单位名称": "name", "起始": "since",
    "截止": "until", "最近核对": "verified_on", "Chinese description": "description",
    "Region in words": "region_name", "联系人 to whom": "contact", "示例ID": "sequence",
}  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS_SAID)
def test_a_heading_is_known_in_one_language_or_in_two(heading):
    assert headings.find_field(heading) == HEADINGS_SAID[heading]


@pytest.mark.parametrize("number", ["1", "１", "1.", " 1 "])
def test_a_row_that_begins_with_a_number_is_no_row_of_headings(number):
    rows = ["Nr.", "Wer", "单位名称"], [number, "企业", "学校", "单位", "城市"]
    assert (headings.score_header_row(rows[0]) > 0, headings.score_header_row(rows[1])) == (True, 0)
