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
    make_region("110105", "朝阳区", "county", pinyin="chao yang qu")
    make_region("220000", "吉林省", "province")
    make_region("220100", "长春市", "prefecture")
    make_region("220104", "朝阳区", "county", pinyin="chao yang qu")
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
def test_regions_that_contradict_each_other_are_asked_and_none_is_proposed(province, city, other):
    row = one(headings=[("省份", province), ("城市", city)])
    assert (row.outcome, "region" in row.whole) == ("doubtful", False)
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


# -- Names of several regions, and names within other names -------------------


@pytest.fixture
def cities() -> RegionFinder:
    make_region("130929", "献县", "county", pinyin="xian xian")
    make_region("210000", "辽宁省", "province", short_name="辽宁", name_en="Liaoning")
    make_region("211300", "朝阳市", "prefecture", pinyin="chao yang shi")
    make_region("220200", "吉林市", "prefecture", pinyin="ji lin shi")
    make_region("230000", "黑龙江省", "province", short_name="黑龙江")
    make_region("230404", "向阳区", "county", pinyin="xiang yang qu")
    make_region("320500", "苏州市", "prefecture", pinyin="su zhou shi")
    make_region("320800", "淮安市", "prefecture", pinyin="huai an shi")
    make_region("341300", "宿州市", "prefecture", pinyin="su zhou shi")
    make_region("420600", "襄阳市", "prefecture", pinyin="xiang yang shi")
    make_region("460000", "海南省", "province", short_name="海南", name_en="Hainan")
    make_region("469000", "省直辖县级行政区划", "prefecture", virtual=True)
    make_region("469005", "文昌市", "county", pinyin="wen chang shi")
    make_region("500000", "重庆市", "province", short_name="重庆", name_en="Chongqing")
    make_region("500200", "县", "prefecture", pinyin="xian", virtual=True)
    make_region("500229", "城口县", "county", pinyin="cheng kou xian")
    make_region("610000", "陕西省", "province", short_name="陕西", name_en="Shaanxi")
    make_region("610100", "西安市", "prefecture", pinyin="xi an shi")
    make_region("610400", "咸阳市", "prefecture", pinyin="xian yang shi")
    make_region("630000", "青海省", "province", short_name="青海")
    make_region("632500", "海南藏族自治州", "prefecture", pinyin="hai nan zang zu zi zhi zhou")
    make_region("710000", "台湾省", "province", short_name="台湾", iso3166_2="CN-TW")
    make_region("810000", "香港特别行政区", "province", short_name="香港", name_en="Hong Kong")
    return RegionFinder()


@pytest.mark.parametrize(
    ("cell", "code"),
    [("Xian", "610100"), ("Xi’an", "610100"), ("Xi'an City", "610100"), ("Xian County", "130929"),
     ("Xi'an, Shaanxi, China", "610100"), ("Xianyang", "610400"), ("XIANGYANG", "420600"),
     ("Xiangyang District", "230404"), ("Shaanxi Province", "610000"), ("Wenchang", "469005")],
)  # fmt: skip
def test_pinyin_without_the_division_is_a_name_that_ends_with_its_word(cities, cell, code):
    assert cities.find(cell).code == code


@pytest.mark.parametrize(
    "cell", ["县", "市辖区", "省直辖县级行政区划", "Xiantown", "Sheng", "Hong"]
)
def test_a_rung_without_a_name_and_a_part_of_a_name_mean_no_region(cities, cell):
    match = cities.find(cell)
    assert (match.code, match.candidates) == ("", ())


@pytest.mark.parametrize(
    ("cell", "code"), [("海南省省直辖县级行政区划文昌市", "469005"), ("重庆市 县 城口县", "500229")]
)
def test_within_its_province_a_rung_leads_to_its_counties(cities, cell, code):
    match = cities.find(cell)
    assert (match.code, match.unmatched) == (code, "")


@pytest.mark.parametrize(
    ("cell", "found"),
    [("朝阳", ("110105", "211300", "220104")),
     ("Chaoyang", ("110105", "211300", "220104")), ("朝阳市", "211300"),
     ("辽宁 朝阳", "211300"), ("北京朝阳", "110105"), ("Suzhou", ("320500", "341300")),
     ("城区", ("140302",)), ("海南", "460000"), ("青海海南", "632500"), ("吉林吉林", "220200")],
)  # fmt: skip
def test_of_several_regions_with_a_name_the_largest_is_not_taken(cities, cell, found):
    match = cities.find(cell)
    assert found in (match.code, match.candidates)


def test_a_column_of_cities_or_counties_tells_which_of_one_name_is_meant(cities):
    assert one(headings=[("城市", "朝阳")]).values["region"] == "211300"
    assert codes(one(headings=[("区县", "朝阳")]))[-1] == "region-ambiguous"
    assert codes(one(headings=[("所在地", "朝阳")]))[-1] == "region-ambiguous"


@pytest.mark.parametrize(
    ("cell", "code"),
    [("中国台湾", "710000"), ("TW", "710000"), ("CN-TW", "710000"), ("中国香港", "810000"),
     ("HK", "810000"), ("中华人民共和国海南省", "460000"), ("Chongqing, P.R. China", "500000"),
     ("MO", ""), ("中国", "")],
)  # fmt: skip
def test_the_country_may_stand_before_or_behind_and_codes_are_names(cities, cell, code):
    assert cities.find(cell).code == code


@pytest.mark.parametrize(
    "place", [("台湾省", "淮安市"), ("江苏省郑州市", "示例街道"), ("海南", "吉林吉林")]
)
def test_a_place_that_contradicts_is_asked_whatever_follows_it(cities, place):
    row = one(headings=[("省份", place[0]), ("城市", place[1])])
    assert (row.outcome, "region" in row.whole) == ("doubtful", False)
    assert codes(row)[-1] == "region-conflict"


def test_a_school_of_one_province_in_another_is_told_where_its_code_says_the_same():
    place = [("省份", "河南"), ("城市", "长春")]
    row = one("示例大学", [*place, ("学校标识码", "4141000001"), ("办学层次", "本科")])
    assert (row.outcome, codes(row)) == ("new", ["region-elsewhere"])
    row = one("示例大学", [*place, ("学校标识码", "4122000001"), ("办学层次", "本科")])
    assert (row.outcome, codes(row)) == ("doubtful", ["region-conflict"])
