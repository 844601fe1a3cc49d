"""What a list says of a kind and of sectors, in the words of offices."""

import time

import pytest

from directory.importing.parse.terms import find_kind_by_name
from tests.factories import make_organization, make_sector
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
