"""Regions that contradict each other, and a code that tells which of one name is meant."""

import pytest

from directory.importing.parse.messages import format_reason
from directory.importing.parse.regions import RegionFinder
from tests.factories import make_region
from tests.importing.planning import codes, one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places() -> RegionFinder:
    make_region("110000", "北京市", "province", short_name="北京")
    make_region("110105", "朝阳区", "county")
    make_region("220000", "吉林省", "province")
    make_region("220100", "长春市", "prefecture")
    make_region("220104", "朝阳区", "county")
    make_region("320000", "江苏省", "province")
    make_region("410000", "河南省", "province")
    make_region("410100", "郑州市", "prefecture")
    make_region("140302", "城区", "county")
    return RegionFinder()


@pytest.mark.parametrize(
    ("province", "city", "other"),
    [("江苏", "郑州", "河南省 郑州市 410100"),
     ("北京", "长春", "吉林省 长春市 220100"), ("河南", "长春市", "吉林省 长春市 220100"),
     ("河南", "朝阳区", "北京市 朝阳区 110105; 吉林省")],
)  # fmt: skip
def test_of_regions_that_contradict_each_other_none_is_recorded(province, city, other):
    row = one(headings=[("省份", province), ("城市", city)])
    assert (row.outcome, "region" in row.values) == ("new", False)
    said = next(reason for reason in row.reasons if reason[0] == "region-conflict")
    assert other in format_reason(said)


def test_a_part_of_a_city_that_is_called_so_everywhere_contradicts_nothing():
    row = one(headings=[("省份", "河南"), ("城市", "郑州"), ("区县", "城区")])
    assert (row.values["region"], codes(row)[-1]) == ("410100", "region-inferred")


def test_a_place_before_what_it_lies_in_contradicts_nothing(places):
    assert places.find("郑州 河南").conflicts == ()


def test_a_code_behind_a_name_of_several_tells_which_is_meant(places):
    assert places.find("朝阳区 110105").code == "110105"
    assert places.find("朝阳区220104").code == "220104"
    assert places.find("朝阳区 410100").candidates == ("110105", "220104")
