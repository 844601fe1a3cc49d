"""Doubles: told before saving, listed as likely pairs, and remembered as not the same."""

import pytest
from factories import make_alias, make_organization, make_region

from directory.desk.doubles import doubles

pytestmark = pytest.mark.django_db
CREDIT, OTHER_CREDIT = "91110000600037341L", "511000005000010931"


@pytest.fixture
def places():
    make_region("650000", "新疆维吾尔自治区", "province", short_name="新疆")
    make_region("652801", "库尔勒市")


@pytest.mark.parametrize(
    ("there", "entered"),
    [
        ("示例锦云纺织有限公司", "示例锦雲紡織有限责任公司"),
        ("示例锦云纺织有限公司", "示例锦云纺织"),
        ("示例锦云纺织厂", "示例金云纺织厂"),
        ("库尔勒市示例纺织科技有限公司", "示例纺织科技有限公司"),
        ("新疆示例纺织科技有限公司", "新疆库尔勒示例纺织科技有限公司"),
        ("示例锦云职业技术学院", "示例锦云职业技术大学"),
        ("示例锦云职业技术学院", "示例锦云职业技学院"),
        ("示例锦云职业技学院", "示例锦云职业技术学院"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞丰盛泰锦纺织"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞盛丰华锦纺织"),
    ],
)
def test_a_likely_double_is_found_before_saving(places, there, entered):
    row = make_organization(there)
    assert [found for found, _reason in doubles([entered])] == [row]


def test_the_reason_says_who_and_why():
    row = make_organization("示例锦云纺织有限公司")
    ((_row, reason),) = doubles(["示例锦云纺织"])
    assert f"Number {row.pk}" in reason
    assert "form of the company" in reason


def test_the_same_name_is_told_even_with_another_code():
    row = make_organization("示例锦云纺织厂", credit_code=CREDIT)
    ((found, reason),) = doubles(["示例锦云纺织厂"], [OTHER_CREDIT])
    assert found == row
    assert "another social credit code" in reason


def test_the_surest_comes_first():
    make_organization("示例锦云纺织有限责任公司")
    other = make_organization("示例旧名纺织厂")
    make_alias(other, "示例锦云纺织有限公司", "former")
    assert doubles(["示例锦云纺织有限公司"])[0][0] == other
