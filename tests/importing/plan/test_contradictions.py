"""The same name does not make two one: what else a row tells may speak against it."""

import pytest

from directory.importing.parse.messages import format_reason
from tests.factories import make_alias, make_organization, make_region
from tests.importing.planning import GOOD, codes, one, plan

pytestmark = pytest.mark.django_db
NAME = "示例长城纺织有限公司"
OTHER_CODE = "511000005000010931"


@pytest.fixture(autouse=True)
def _places():
    make_region("320000", "江苏省", "province", name_en="Jiangsu")
    make_region("320100", "南京市", "prefecture", name_en="Nanjing")
    make_region("410000", "河南省", "province")
    make_region("410100", "郑州市", "prefecture")
    make_region("410300", "洛阳市", "prefecture")


def make_known(**values):
    return make_organization(NAME, **{"kind": "enterprise", "region_id": "410100"} | values)


def test_the_same_name_in_another_province_is_asked():
    known = make_known()
    row = one(NAME, [("所在地", "江苏省南京市"), ("网址", "example.org")])
    assert (row.outcome, codes(row), row.organization) == ("doubtful", ["other-fact"], known.pk)
    assert "“410100”" not in format_reason(row.reasons[0])
    assert "“Jiangsu Nanjing”" in format_reason(row.reasons[0])
    # Either answer is possible: another one is added whole, or the same one is changed.
    assert (row.whole["region"], row.values["region"]) == ("320100", "320100")


CONTRADICTIONS = [
    ("所在地", "河南省洛阳市"),
    ("所在地", "江苏省"),
    ("类别", "协会"),
    ("类别", "高职"),
    ("信用代码", OTHER_CODE),
    ("网址", "https://www.other-example.com.cn"),
]


@pytest.mark.parametrize("cell", CONTRADICTIONS)
def test_a_name_alone_against_another_fact_is_asked(cell):
    known = make_known(credit_code=GOOD, website="https://www.example.com.cn")
    row = one(NAME, [cell])
    assert (row.outcome, row.organization) == ("doubtful", known.pk)


AGREEMENTS = [
    ("所在地", "河南省"),
    ("类别", "其他"),
    ("信用代码", GOOD),
    ("网址", "http://en.example.com.cn/about"),
]


@pytest.mark.parametrize("cell", AGREEMENTS)
def test_what_is_only_wider_or_vague_contradicts_nothing(cell):
    make_known(credit_code=GOOD, website="https://www.example.com.cn")
    assert one(NAME, [cell]).outcome in ("unchanged", "changed")


def test_a_place_told_more_exactly_is_a_change():
    make_known(region_id="410000")
    row = one(NAME, [("所在地", "河南省郑州市")])
    assert (row.outcome, row.values) == ("changed", {"region": "410100"})


def test_who_is_known_by_the_credit_code_may_have_moved():
    make_known(credit_code=GOOD)
    row = one(NAME, [("所在地", "江苏省南京市"), ("信用代码", GOOD)])
    assert (row.outcome, row.values) == ("changed", {"region": "320100"})


def test_the_same_school_code_with_another_credit_code_is_asked():
    make_organization("示例学院", school_code="4141010001", credit_code=GOOD)
    headings = [("学校标识码", "4141010001"), ("信用代码", OTHER_CODE)]
    row = one("示例学院", headings)
    assert (row.outcome, codes(row)) == ("doubtful", ["other-fact"])


def test_an_alias_in_another_province_is_asked():
    make_alias(make_known(), "示例长城")
    row = one("示例长城", [("所在地", "江苏省"), ("类别", "企业")])
    assert (row.outcome, codes(row)) == ("doubtful", ["other-fact"])


def test_who_is_asked_about_does_not_stand_in_the_way_of_the_right_row():
    make_known()
    rows = plan(["单位名称", "所在地"], [NAME, "江苏省"], [NAME, "河南省"], [NAME, "江苏省"])
    assert [row.outcome for row in rows] == ["doubtful", "unchanged", "doubtful"]
    assert codes(rows[2]) == ["same-row", "other-fact"]
