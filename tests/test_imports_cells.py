"""What a cell means that an office filled in its own way: nothing, a dressed name, a list."""

import pytest

from tests.factories import make_community, make_role
from tests.test_imports_planning import codes, one, plan

pytestmark = pytest.mark.django_db
NOTHING = ["无", "暂无", "没有", "空", "未填", "不详", "N/A", "ｎａ", "None", "nil", "NULL",
           "-", "--", "—", "——", "/", "\\", ".", " 无 "]  # fmt: skip


@pytest.fixture
def seats():
    make_community()
    make_role("lead-enterprise", rank=10, axis="lead", kinds=["enterprise"])
    make_role("member")


@pytest.mark.parametrize("word", NOTHING)
def test_a_word_for_nothing_is_blank_in_every_column(word):
    headings = ["网址", "所在地", "信用代码", "曾用名", "行业", "核实日期"]
    row = one(headings=[("类别", "企业"), *[(heading, word) for heading in headings]])
    assert (row.outcome, row.values) == ("new", {"name": "示例纺织有限公司", "kind": "enterprise"})


@pytest.mark.parametrize("word", ["同上", "待定", "待补充", "无", "1", "12.5"])
def test_what_stands_for_a_name_is_none(word):
    row = plan(["单位名称", "类别", "网址"], [word, "企业", "x.cn"])[0]
    assert (row.outcome, codes(row)) == ("refused", ["no-name"])


@pytest.mark.parametrize("word", ["至今", "长期", "无", "永久", "现在", "Present"])
def test_a_role_that_is_held_to_this_day_has_no_end(seats, word):
    row = one(headings=[("角色", "成员单位"), ("加入时间", "2023-11-13"), ("退出时间", word)])
    assert row.values["memberships"][0]["until"] == ""
