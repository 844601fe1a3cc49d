"""What a list says of a kind and of sectors, in the words of offices."""

import time

import pytest
from django.utils import translation

from directory.importing.parse.messages import format_reason
from directory.importing.parse.terms import Terms, find_kind_by_name, get_kind_words
from directory.models import Kind
from tests.factories import make_membership, make_organization, make_role, make_sector
from tests.importing.planning import codes, one

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("企业（民营）", "enterprise"), ("企业(国有)", "enterprise"), ("企业/民营", "enterprise"),
     ("技师学院", "secondary-vocational-school"), ("技师", "secondary-vocational-school"),
     ("上市企业", "enterprise"), ("高新技术企业", "enterprise"), ("应用型本科高校", "university"),
     ("本科（公办）", "university"), ("高职（专科）", "vocational-college")],
)  # fmt: skip
def test_a_kind_may_say_more_than_the_kind(cell, kind):
    row = one("示例单位", [("单位性质", cell)])
    assert (row.outcome, row.values["kind"]) == ("new", kind)


@pytest.mark.parametrize("cell", ["民营", "国有", "外资", "合资", "私营"])
def test_an_owner_makes_an_enterprise_of_what_is_called_one(cell):
    assert one(headings=[("单位性质", cell)]).values["kind"] == "enterprise"
    assert codes(one("示例学校", [("单位性质", cell)])) == ["kind-unknown"]


@pytest.mark.parametrize("cell", ["企业/高职院校", "高校或企业"])
def test_two_kinds_are_none(cell):
    assert codes(one("示例之家", [("类别", cell)])) == ["kind-unknown"]


def test_for_an_unknown_kind_the_one_that_the_name_tells_is_proposed():
    row = one(headings=[("类别", "神秘")])
    assert (row.outcome, codes(row)) == ("doubtful", ["kind-unknown"])
    assert row.whole["kind"] == "enterprise"


def test_an_unknown_kind_never_changes_a_known_organizations():
    make_organization("示例纺织有限公司", kind="other")
    row = one(headings=[("类别", "神秘"), ("网址", "x.cn")])
    assert (row.outcome, row.values) == ("doubtful", {"website": "https://x.cn"})


@pytest.mark.parametrize(
    "cell", ["C18 纺织服装、服饰业", "纺织服装、服饰业", "18", "C17 纺织业；C18 纺织服装、服饰业"]
)
def test_a_sector_whose_name_holds_a_comma_is_one(cell):
    make_sector("C17", "纺织业"), make_sector("C18", "纺织服装、服饰业")
    row = one(headings=[("类别", "企业"), ("行业", cell)])
    assert (row.values["sectors"][-1], codes(row)) == ("C18", [])


def test_no_cell_is_so_long_that_its_kind_takes_seconds():
    began = time.process_time()
    assert find_kind_by_name("（" * 30_000 + "公司") == "enterprise"
    assert time.process_time() - began < 1


# -- Words that say less than a kind -----------------------------------------

VC = "vocational-college"


@pytest.mark.parametrize(
    ("name", "cell", "kind"),
    [("示例职业技术学院", "高等学校", VC), ("示例师范专科学校", "高校（公办）", VC),
     ("示例医学高等专科学校", "College", VC), ("示例军医大学", "高等院校", "university"),
     ("示例技师学院", "职业学校", "secondary-vocational-school"),
     ("示例科技职业大学", "大学", "vocational-university"),
     ("Example Vocational University", "大学", "vocational-university")],
)  # fmt: skip
def test_what_says_only_that_it_is_a_school_leaves_the_kind_to_the_name(name, cell, kind):
    row = one(name, [("单位性质", cell)])
    assert (row.outcome, row.values["kind"]) == ("new", kind)


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [("示例学院", "高等学校", "kind-vague"), ("示例科技师范学院", "高校", "kind-vague"),
     ("示例工程技术学院", "院校", "kind-vague"), ("Example Institute", "institute", "kind-vague"),
     ("示例职业师范学院", "职业院校", "kind-vague"), ("示例技师学院", "高等学校", "kind-conflict"),
     ("示例职业技术学院", "本科", "kind-conflict"), ("示例有限公司", "大学", "kind-conflict")],
)  # fmt: skip
def test_where_the_name_does_not_tell_the_kind_it_is_asked(name, cell, reason):
    row = one(name, [("单位性质", cell)])
    assert (row.outcome, codes(row)) == ("doubtful", [reason])


@pytest.mark.parametrize(
    "name", ["示例科技师范学院", "示例职业技术师范大学", "示例职业师范学院", "示例高科学院",
             "示例工程技术学院", "示例军医大学"]
)  # fmt: skip
def test_letters_across_two_words_make_no_undergraduate_school_another_kind(name):
    row = one(name, [("办学层次", "本科")])
    assert (row.outcome, row.values["kind"]) == ("new", "university")


def test_kind_and_level_together_tell_more_than_one_of_them():
    headings = [("类别", "高等学校"), ("办学层次", "专科")]
    assert one("示例学院", headings).values["kind"] == VC
    headings = [("类别", "高职院校"), ("办学层次", "本科")]
    assert codes(one("示例学院", headings)) == ["kind-conflict"]


@pytest.mark.parametrize(
    ("name", "recorded", "cell"),
    [("示例职业技术学院", VC, "高等学校"), ("示例学院", VC, "高校"),
     ("示例学院", "university", "院校"), ("示例科技大学", "vocational-university", "本科"),
     ("示例学院", VC, "职业院校"), ("示例学院", "research-institute", "其他")],
)  # fmt: skip
def test_a_word_that_says_less_than_is_recorded_changes_nothing(name, recorded, cell):
    make_organization(name, kind=recorded)
    row = one(name, [("单位性质", cell)])
    assert (row.outcome, codes(row)) == ("unchanged", [])


@pytest.mark.parametrize("name", ["示例学院", "示例职业技术学院"])
def test_a_word_that_cannot_mean_the_recorded_kind_is_asked(name):
    make_organization(name, kind="secondary-vocational-school")
    row = one(name, [("单位性质", "高等学校")])
    assert (row.outcome, "kind" in row.values) == ("doubtful", False)


def test_a_kind_that_a_held_role_is_not_open_to_is_asked_and_names_the_role():
    role = make_role("lead", kinds=[VC], name_en="Example lead")
    school = make_organization("示例职业技术学院", kind=VC)
    held = make_membership(school, role, since="2020-01-01")
    row = one("示例职业技术学院", [("单位性质", "普通本科院校")])
    assert (row.outcome, codes(row)) == ("doubtful", ["ineligible"])
    assert "Example lead" in format_reason(row.reasons[0])
    type(held).objects.update(until="2021-01-01")
    assert one("示例职业技术学院", [("单位性质", "普通本科院校")]).outcome == "changed"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_words_that_are_suggested_mean_one_kind_each(language):
    terms = Terms()
    with translation.override(language):
        assert [terms.find_kinds(word) for word in get_kind_words()] == [{kind} for kind in Kind]
