"""A cell that is no single name, or no sound one, is asked about."""

import pytest

from directory.importing.parse.name_damage import is_damaged
from tests.factories import make_community, make_organization, make_region, make_role
from tests.importing.planning import codes, one, plan

pytestmark = pytest.mark.django_db
KIND = [("类别", "其他")]


def asked(name: str) -> list[str]:
    return codes(one(f'"{name}"', KIND))


def test_invisible_characters_and_radicals_are_not_taken_over():
    make_region("610100", "西安市", "prefecture")
    row = one(
        "\u202e示例⼤⽅\xad棉\u2060业厂\u200e",
        [*KIND, ("所在地", "⻄安市"), ("简称", "示\u200f例")],
    )
    assert (row.outcome, row.values["region"]) == ("new", "610100")
    assert row.values["name"] == "示例大方棉业厂"
    assert row.values["aliases"][0][0] == "示例"


@pytest.mark.parametrize(
    "name",
    ["示例�学院", "示例?院", "示例？？学院", "鍗椾含", "鍗椾含澶у", "ÄÏ¾©´óÑ§", "å—äº¬å¤§å",
     "示例&amp;有限公司", "锟斤拷学院", "示例□学院", "SociÃ©tÃ©"],
)  # fmt: skip
def test_a_damaged_name_is_in_doubt(name):
    assert "name-damaged" in asked(name)


@pytest.mark.parametrize(
    "name",
    ["南京大学", "武汉晴川学院", "Société Générale", "What If? Media", "ООО Пример",
     "Österreichische Größe", "示例·纺织“甲”有限公司", "R&D Ltd", "株式会社サンプル", "示例®公司"],
)  # fmt: skip
def test_an_unusual_name_is_not_damaged(name):
    assert not is_damaged(name)


def test_a_damaged_alias_or_translation_is_in_doubt():
    row = one("示例厂", [*KIND, ("简称", "示�"), ("英文名", "Ex��mple")])
    assert (row.outcome, codes(row)) == ("doubtful", ["name-damaged", "name-damaged"])
    assert "aliases" not in row.whole


@pytest.mark.parametrize(
    "cell",
    ["示例一大学/示例二有限公司", "示例三大学与示例四有限公司", "示例五大学，示例六有限公司",
     "示例七大学 示例八有限公司", "示例九大学+示例十有限公司", "芜湖市教育局 芜湖职业技术学院",
     "示例大学｜某地棉检站", "中原工学院/ZUT", "示例甲集团有限公司及示例乙研究院",
     "Example One Co., Ltd., Example Two Inc.", "Example University and Sample College"],
)  # fmt: skip
def test_names_beside_each_other_are_several(cell):
    assert "several-names" in asked(cell)


@pytest.mark.parametrize(
    "name",
    ["新疆大学纺织与服装学院", "新疆大学 纺织与服装学院", "和田示例学院", "示例暨南大学",
     "示例科技与艺术学院", "示例纺织有限公司 郑州分公司", "示例高等专科学校", "Example & Sons Ltd",
     "University of Arts and Sciences", "示例商行（有限合伙）", "示例石油大学（华东）",
     "示例百家企业管理有限公司", "示例12306科技有限公司", "Example Co., Ltd."],
)  # fmt: skip
def test_one_name_is_no_list(name):
    row = one(f'"{name}"', KIND)
    assert (row.outcome, row.values["name"]) == (
        "new",
        name.replace("学 纺", "学纺").replace(" 郑", "郑"),
    )


@pytest.mark.parametrize(
    ("cell", "code"),
    [("示例大学等12所院校", "name-group"), ("示例大学等", "name-group"),
     ("示例大学等高校", "name-group"), ("12所高校", "name-group"),
     ("示例大学及其下属单位", "name-group"), ("企业名称", "name-other"), ("本科院校", "name-other"),
     ("河南省", "name-other"), ("2023年11月13日", "name-other"), ("2023年11月", "name-other"),
     ("http://a.example.org", "name-contact"), ("example.com", "name-contact"),
     ("office@example.org", "name-contact"), ("示例厂 联系人：某", "name-contact"),
     ("示例厂 13800000000", "name-contact"), ("示例厂 0371-6769800", "name-contact")],
)  # fmt: skip
def test_what_is_no_name_is_in_doubt(cell, code):
    assert codes(one(cell, KIND))[0] == code


def test_a_role_or_a_kind_under_the_heading_of_names_is_in_doubt():
    make_role("member", name="示例成员")
    assert codes(one("示例成员", KIND)) == ["name-other"]
    assert codes(one("行业协会", KIND)) == ["name-other"]


def test_a_recorded_name_is_taken_as_it_stands():
    names = ["示例学院、示例厂协会", "示例大学与示例公司研究院", "示例学院（甲班）"]
    for name in names:
        make_organization(name, kind="other")
    rows = plan(["单位名称", "类别"], *([name, "其他"] for name in names))
    assert [(row.outcome, codes(row)) for row in rows] == [("unchanged", [])] * 3


def test_a_recorded_name_is_not_cut_among_other_names():
    make_organization("示例纺织服装、服饰业协会", kind="association")
    row = one("示例新协会", [("类别", "协会"), ("曾用名", "示例纺织服装、服饰业协会")])
    assert [alias[0] for alias in row.whole["aliases"]] == ["示例纺织服装、服饰业协会"]


def test_a_community_whose_name_holds_a_separator_is_one():
    make_role("member", name="示例成员")
    make_community("one", name="示例纺织、印染、服装共同体")
    make_community("two", name="示例二共同体")
    cells = [*KIND, ("角色", "示例成员"), ("共同体", "示例纺织、印染、服装共同体")]
    assert [each["community"] for each in one("示例厂", cells).values["memberships"]] == ["one"]
    cells[-1] = ("共同体", "示例二共同体、示例纺织、印染、服装共同体")
    cells[-2] = ("角色", "示例成员、示例成员")
    found = [each["community"] for each in one("示例厂", cells).values["memberships"]]
    assert found == ["two", "one"]
