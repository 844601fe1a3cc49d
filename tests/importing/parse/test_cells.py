"""What a cell means that an office filled in its own way: nothing, a dressed name, a list."""

import pytest

from tests.factories import make_community, make_role
from tests.importing.planning import codes, one, plan

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


# -- Roles, with their communities and days ----------------------------------


def role(roles: str, *more: tuple[str, str], **options):
    named = [(heading, f'"{cell}"') for heading, cell in (("角色", roles), *more)]
    return one(headings=named, **options)


@pytest.mark.parametrize("between", ["\n", "、", "|", "；", "; "])
def test_the_days_of_several_roles_may_be_separated_as_the_roles_are(seats, between):
    days = between.join(["2023年11月13日", "2024-01-02"])
    row = role(between.join(["牵头企业", "成员单位"]), ("加入时间", days))
    assert [m["since"] for m in row.values["memberships"]] == ["2023-11-13", "2024-01-02"]


def test_one_day_on_two_lines_is_one(seats):
    row = role("成员单位", ("加入时间", "2023年\n11月13日"))
    assert row.values["memberships"][0]["since"] == "2023-11-13"


def test_of_several_roles_one_may_have_ended(seats):
    row = role("牵头企业；成员单位", ("退出时间", "2023-11-13；至今"))
    assert [m["until"] for m in row.values["memberships"]] == ["2023-11-13", ""]


@pytest.mark.parametrize(
    ("roles", "heading", "cell"),
    [("成员单位", "加入时间", "2023-11-13；2024-01-02"),
     ("牵头企业；成员单位；理事", "退出时间", "2023-11-13；2024-01-02"),
     ("成员单位", "所属共同体", "example；另一个")],
)  # fmt: skip
def test_roles_and_what_stands_beside_them_must_be_equally_many(seats, roles, heading, cell):
    row = role(roles, (heading, cell))
    assert (codes(row)[-1], "memberships" in row.whole) == ("unequal", False)


def test_a_day_without_a_role_is_told(seats):
    row = role("", ("加入时间", "2023-11-13"))
    assert (row.outcome, codes(row)[-1]) == ("new", "roleless")
    assert "roleless" not in codes(role("", ("加入时间", "2023-11-13"), role="member"))


# -- Other names, and formulas -----------------------------------------------


def test_several_former_names_are_several_and_a_short_one_stays_whole():
    row = one(headings=[("曾用名", "示例棉纺厂、示例印染厂"), ("简称", "示例、棉纺")])
    assert [each[0] for each in row.values["aliases"]] == ["示例、棉纺", "示例棉纺厂", "示例印染厂"]


def test_a_formula_for_a_name_is_in_doubt():
    row = one("=B2&C2", [("类别", "企业"), ("简介", "=1")])
    assert (row.outcome, codes(row)) == ("doubtful", ["formula-name", "formula"])
