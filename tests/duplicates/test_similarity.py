"""Whether two names mean one body, and who of many is meant by a row."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.duplicates.matcher import Matcher, build_traits
from directory.duplicates.normalize import PlaceNames, normalize_name
from directory.duplicates.similarity import LIKELY, UNSURE, compare_identities
from directory.duplicates.similarity import build_identity as read
from tests.factories import make_alias, make_organization

PLACES = PlaceNames(
    [
        ("新疆", "650000"),
        ("新疆维吾尔自治区", "650000"),
        ("库尔勒", "652801"),
        ("库尔勒市", "652801"),
        ("巴音郭楞", "652800"),
        ("河南", "410000"),
        ("湖北", "420000"),
        ("朝阳", "211300"),
        ("北京", "110000"),
    ]
)
CREDIT, OTHER_CREDIT = "91110000600037341L", "511000005000010931"


def body(*names, aliases=(), credit="", school=""):
    return read(PLACES, names, aliases, credit, school)


def score(one: str, other: str) -> float:
    return compare_identities(body(one), body(other)).score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例棉纺学院", "示 例　棉纺学院"),
        ("示例棉纺学院", "示例（棉纺）學院"),
        ("示例第2棉纺厂", "示例第２棉纺厂\u200b"),
        ("Example Cotton House", "example  cotton-HOUSE"),
        ("示例·棉纺", "示例・棉纺"),
    ],
)
def test_what_two_people_write_differently_is_one_name(one, other):
    assert normalize_name(one) == normalize_name(other)
    assert compare_identities(body(one), body(other))[::2] == (1.0, "name")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例锦云纺织有限公司", "示例锦云纺织有限责任公司"),
        ("示例锦云纺织股份有限公司", "示例锦云纺织"),
        ("示例锦云纺织（集团）有限公司", "示例锦云纺织有限公司"),
        ("Example Jinyun Textile Co., Ltd.", "EXAMPLE JINYUN TEXTILE LIMITED"),
        ("库尔勒市示例纺织科技有限公司", "库尔勒示例纺织科技有限公司"),
        ("新疆示例纺织科技有限公司", "新疆库尔勒示例纺织科技有限公司"),
        ("示例纺织科技有限公司", "库尔勒示例纺织科技有限公司"),
        ("巴音郭楞职业技术学院", "新疆维吾尔自治区巴音郭楞职业技术学院"),
        ("示例锦云纺织厂", "示例金云纺织厂"),
        ("中原工学院", "Zhongyuan Gongxueyuan"),
        ("示例锦云职业技术学院", "示例锦云职业技术大学"),
        ("示例锦云职业技术学院", "示例锦云职业技学院"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞丰盛泰锦纺织"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞盛丰华锦纺织"),
        ("Bayinggoleng Vocational College", "Bayingoleng Vocational Colege"),
    ],
)
def test_likely_ones_are_likely_and_never_certain(one, other):
    assert LIKELY <= score(one, other) < 1
    assert score(one, other) == score(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例锦云纺织有限公司", "示例锦恒纺织有限公司"),
        ("河南示例纺织厂", "湖北示例纺织厂"),
        ("河南工业大学", "工业大学"),
        ("河南工业大学", "湖北工业大学"),
        ("示例第一职业技术学院", "示例第二职业技术学院"),
        ("示例锦云纺织有限公司", "示例锦云纺织有限公司河南分公司"),
        ("示例东方职业技术学院", "示例西方职业技术学院"),
        ("示例学院", "示例学院分校"),
        ("Example First Cotton Mill", "Example Second Cotton Mill"),
        ("示例棉学院", "示例棉纺学院"),
    ],
)
def test_branches_numbers_and_places_tell_apart(one, other):
    assert score(one, other) < LIKELY


def test_the_same_code_is_certain_whatever_the_names():
    one, other = body("示例甲", credit=CREDIT), body("示例乙", credit=CREDIT)
    assert compare_identities(one, other)[::2] == (1.0, "code")


def test_another_code_of_the_same_kind_speaks_against():
    one, other = body("示例厂", credit=CREDIT), body("示例厂", credit=OTHER_CREDIT)
    found = compare_identities(one, other)
    assert (found.score, found.method) == (UNSURE, "name")
    assert "another social credit code" in str(found.reasons[1])


def test_an_alias_that_is_the_other_s_name_is_as_good_as_a_name():
    found = compare_identities(body("示例甲学院"), body("示例乙学院", aliases=["示例甲学院"]))
    assert (found.score, found.method) == (1.0, "alias")


def test_a_short_alias_that_both_have_is_not_enough():
    assert (
        compare_identities(body("示例甲", aliases=["示甲"]), body("示例乙", aliases=["示甲"])).score
        < LIKELY
    )


def test_the_same_english_name_of_other_chinese_ones_is_not_enough():
    one, other = (body(name, "Example University") for name in ("示例甲乙大学", "示例丙丁戊大学"))
    assert compare_identities(one, other).score < LIKELY


def test_a_place_lies_only_in_the_place_before_it():
    assert PLACES.parse("北京朝阳示例纺织").place == ("110000",)
    assert PLACES.parse("新疆库尔勒示例纺织").place == ("652801",)


WORDS = st.sampled_from(
    ["示例", "新疆", "库尔勒", "锦云", "金云", "恒瑞丰盛", "第一", "纺织", "职业技术", "华", "泰"]
)
ENDS = st.sampled_from(["学院", "大学", "有限公司", "集团有限公司", "", "厂"])
NAMES = st.tuples(st.lists(WORDS, min_size=1, max_size=4), ENDS).map(
    lambda parts: "".join(parts[0]) + parts[1]
)
ENGLISH = st.sampled_from(["", "Example Jinyun Textile", "Exampel Jinyun Textil Co., Ltd."])
CODES = st.sampled_from(["", "", CREDIT, OTHER_CREDIT])
ANY_NAMES = NAMES | ENGLISH.filter(bool)
BODIES = st.tuples(ANY_NAMES, ENGLISH, st.lists(ANY_NAMES, max_size=2), CODES)


def slipped(data, row):
    """The row as somebody else may write it: a character lost, doubled or changed about."""
    name, english, aliases, code = row
    at = data.draw(st.integers(0, len(name) - 1))
    kinds = [
        name,
        name[:at] + name[at + 1 :],
        name[:at] + "丰" + name[at:],
        name[:at] + "瑞" + name[at + 1 :],
        name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
    ]
    return data.draw(st.sampled_from(kinds)) or name, english, aliases, code


def compared(row):
    name, english, aliases, code = row
    return body(name, english, aliases=aliases, credit=code)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), rows=st.lists(BODIES, min_size=1, max_size=12))
def test_the_matcher_finds_whom_the_slow_comparison_finds(data, rows):
    matcher = Matcher(PLACES)
    for number, row in enumerate(rows):
        matcher.add_traits(number, build_traits(compared(row)))
    asked = compared(slipped(data, data.draw(st.sampled_from(rows))))
    slow = {
        (number, found.score, found.method)
        for number, row in enumerate(rows)
        if (found := compare_identities(asked, compared(row))).score >= UNSURE
    }
    assert {match[:3] for match in matcher.find_similar(asked)} == slow
    sure = {each for each in slow if each[1] >= LIKELY or each[2] != "likeness"}
    assert {match[:3] for match in matcher.find_similar(asked, narrow=True)} >= sure
    assert {match[:3] for match in matcher.find_similar(asked, LIKELY)} == {
        each for each in slow if each[1] >= LIKELY
    }


@pytest.mark.django_db
def test_the_matcher_knows_the_directory_and_prefers_code_to_name_to_alias():
    coded = make_organization("示例丙学院", credit_code=CREDIT)
    named = make_organization("示例甲学院")
    other = make_organization("示例乙学院")
    make_alias(other, "示例甲学院", "former")
    found = Matcher.load().match(["示例甲学院"], credit_code=CREDIT)
    assert [(m.organization, m.method) for m in found] == [
        (coded.pk, "code"),
        (named.pk, "name"),
        (other.pk, "alias"),
    ]


def test_a_row_of_the_same_file_is_found_too():
    matcher = Matcher(PLACES)
    matcher.add(-1, ["示例锦云纺织有限公司"])
    found = matcher.match(["示例锦云纺织"])
    assert [(m.organization, m.method) for m in found] == [(-1, "likeness")]


def test_a_matcher_grows_without_losing_anybody():
    matcher = Matcher(PLACES)
    for number in range(3000):
        matcher.add(number, [f"示例{number}号纺织厂"])
    assert [m.organization for m in matcher.match(["示例1777号纺织厂"])] == [1777]
