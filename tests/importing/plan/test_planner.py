"""What each row would change: whom it means, what its words mean, and what is in doubt."""

from datetime import date

import pytest

from directory.importing.parse import cells as parse_cells
from directory.importing.parse.messages import format_message, format_reason
from directory.importing.parse.regions import RegionFinder
from directory.importing.plan import planner
from directory.importing.readers import reader
from directory.models import Organization, Revision
from tests import spreadsheets as files
from tests.factories import (
    make_alias,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
)
from tests.importing.planning import GOOD, codes, one, plan

pytestmark = pytest.mark.django_db
NAMED = ["单位名称", "类别", "网址"]


# -- Days and codes ----------------------------------------------------------

DAYS = ["45243", "2023.11.13", "2023年11月13日", "20231113", "2023/11/13", "2023-11-13",
        "2023-11-13 00:00", "２０２３．１１．１３", "45243.0", "2023年 11月 13日"]  # fmt: skip


@pytest.mark.parametrize("cell", DAYS)
def test_a_day_is_read_however_it_is_written(cell):
    assert parse_cells.parse_date(cell, "since") == ("2023-11-13", None)


@pytest.mark.parametrize("cell", ["2023年11月", "2023-11", "202311", "2023年11月起", "自2023.11"])
def test_a_month_is_a_month(cell):
    assert parse_cells.parse_date(cell, "since") == ("2023-11", None)


@pytest.mark.parametrize("cell", ["2023", "2023年", "2023.0", "至2023年止"])
def test_a_year_is_a_year(cell):
    assert parse_cells.parse_date(cell, "until") == ("2023", None)


def test_what_may_be_two_days_is_asked_with_both():
    _value, reason = parse_cells.parse_date("03/04/2023", "since")
    assert reason.code == "date-unknown"
    assert "2023-04-03" in str(reason)
    assert "2023-03-04" in str(reason)


@pytest.mark.parametrize("cell", ["0023-11-13", "2101-01-01"])
def test_a_year_that_nobody_means_is_in_doubt(cell):
    reason = parse_cells.parse_date(cell, "since")[1]
    assert (reason.code, "1900" in str(reason)) == ("date-unknown", True)


def test_the_reason_of_a_plan_that_was_stored_before_is_still_told():
    for code in ("date-not-day", "date-unknown"):
        assert "2023年11月" in format_message(code, {"cell": "2023年11月"})


@pytest.mark.parametrize("cell", ["2023-02-30", "昨天", "2023.13.01", "2023年底", "2023-11-13~"])
def test_what_is_no_date_is_in_doubt(cell):
    assert parse_cells.parse_date(cell, "since")[1].code == "date-unknown"


@pytest.mark.parametrize("cell", ["4141010465", "4141010465.0", " 4141 0104 65", "4.141010465E9"])
def test_a_school_code_is_its_ten_digits(cell):
    assert parse_cells.parse_school_code(cell) == ("4141010465", None)


def test_a_number_whose_digits_a_spreadsheet_lost_is_in_doubt():
    assert parse_cells.parse_school_code("4.141E+09")[1].code == "shortened"


# -- Kinds, places and sectors -----------------------------------------------

KINDS = {
    ("示例大学", "本科"): "university",
    ("示例职业技术大学", "本科"): "vocational-university",
    ("示例职业技术学院", "专科"): "vocational-college",
    ("示例师范高等专科学校", "专科"): "vocational-college",
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_a_school_follows_from_level_and_name(name):
    row = one(name[0], [("办学层次", name[1])])
    assert (row.outcome, row.values["kind"]) == ("new", KINDS[name])


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("企业", "enterprise"), ("高职院校", "vocational-college"), ("Association", "association"),
     ("行业协会", "association"), ("中职", "secondary-vocational-school"),
     ("本科层次职业", "vocational-university")],
)  # fmt: skip
def test_a_kind_has_many_words(cell, kind):
    assert one("示例单位", [("单位性质", cell)]).values["kind"] == kind


def test_an_unknown_kind_is_in_doubt_and_may_become_another():
    row = one("示例之家", [("类别", "神秘")])
    assert (row.outcome, codes(row), row.whole["kind"]) == ("doubtful", ["kind-unknown"], "other")


def test_without_a_kind_the_name_may_tell_it():
    assert one("示例纺织有限公司").values["kind"] == "enterprise"
    assert codes(one("示例之家")) == ["kind-missing"]


@pytest.fixture
def places() -> RegionFinder:
    make_region("650000", "新疆维吾尔自治区", "province", short_name="新疆")
    make_region("652800", "巴音郭楞蒙古自治州", "prefecture", aliases="巴州")
    make_region("652801", "库尔勒市", "county", name_en="Korla")
    make_region("110000", "北京市", "province", short_name="北京")
    make_region("110100", "北京市", "prefecture", virtual=True)
    make_region("110101", "东城区", "county")
    make_region("320000", "江苏省", "province")
    make_region("320106", "鼓楼区", "county")
    make_region("410000", "河南省", "province")
    make_region("410204", "鼓楼区", "county")
    return RegionFinder()


@pytest.mark.parametrize(
    ("given", "code"),
    [(("新疆 巴州 库尔勒市",), "652801"), (("新疆维吾尔自治区", "库尔勒"), "652801"),
     (("652801",), "652801"), (("Korla, 新疆",), "652801"), (("巴音郭楞州",), "652800"),
     (("庫爾勒市",), "652801"), (("北京市",), "110000"), (("北京市", "北京市"), "110000"),
     (("110100",), "110000"), (("北京市市辖区东城区",), "110101"), (("江苏鼓楼区",), "320106"),
     (("库尔勒市 652801",), "652801")],
)  # fmt: skip
def test_a_place_is_found_by_any_way_down_to_it(places, given, code):
    assert places.find(*given).code == code


def test_a_name_of_several_counties_is_in_doubt(places):
    row = one(headings=[("所在地", "鼓楼区")])
    assert (row.outcome, codes(row)[-1]) == ("doubtful", "region-ambiguous")
    assert "江苏省 鼓楼区 320106" in format_reason(row.reasons[-1])


def test_a_place_in_no_list_falls_back_to_its_province_as_an_inference(places):
    row = one(headings=[("省份", "河南省"), ("城市", "示例新城")])
    assert (row.outcome, row.values["region"], codes(row)) == (
        "new", "410000", ["kind-inferred", "region-inferred"]
    )  # fmt: skip


def test_a_place_that_nobody_knows_is_in_doubt(places):
    row = one(headings=[("所在地", "月球")])
    assert (row.outcome, "region" in row.whole) == ("doubtful", False)


def test_a_coarser_place_does_not_replace_a_finer_one(places):
    make_organization("示例纺织有限公司", kind="enterprise", region_id="652801")
    assert one(headings=[("所在地", "新疆")]).outcome == "unchanged"


def test_sectors_are_added_by_code_or_name():
    make_sector("C171", "示例棉纺")
    row = one(headings=[("所属行业", "示例棉纺、神秘")])
    assert (row.whole["sectors"], codes(row)[-1]) == (["C171"], "sector-unknown")


# -- Codes in the wrong place ------------------------------------------------


def test_ten_digits_under_a_credit_code_are_a_school_code():
    row = one("示例大学", [("统一社会信用代码", "4199900001")])
    assert (row.outcome, codes(row)) == ("doubtful", ["kind-inferred", "moved-code", "code"])
    row = one("示例大学", [("统一社会信用代码", "4141000001")])
    assert (row.outcome, row.values["school_code"]) == ("new", "4141000001")


def test_a_code_that_fails_its_check_is_in_doubt_and_left_out():
    row = one(headings=[("统一社会信用代码", "91110000600037341X")])
    assert (row.outcome, "credit_code" in row.whole) == ("doubtful", False)
    assert "“L”" in format_reason(row.reasons[-1])


def test_two_school_codes_that_differ_are_asked():
    both = [("统一社会信用代码", "4141000001"), ("学校标识码", "4141000002")]
    row = one("示例大学", [("类别", "本科"), *both])
    assert (row.outcome, codes(row)) == ("doubtful", ["code"])
    row = one("示例大学", [("类别", "本科"), both[0], ("学校标识码", "4141000001")])
    assert (row.outcome, row.values["school_code"]) == ("new", "4141000001")


@pytest.mark.parametrize(
    ("number_format", "shown"), [('yyyy"年"m"月"', "2023-11"), ("yyyy", "2023"), (27, "2023-11")]
)
def test_a_cell_that_shows_only_a_month_or_a_year_is_that(number_format, shown):
    make_community(), make_role("member")
    cells = ["示例大学", "本科", date(2023, 11, 1), "member"]
    data = files.xlsx(["单位名称", "类别", "加入时间", "角色"], cells, day_format=number_format)
    found = reader.read_table(data)
    row = next(planner.Planner(found.mapping).plan(found.rows()))
    assert (row.outcome, row.values["memberships"][0]["since"]) == ("new", shown)


def test_a_school_code_of_an_enterprise_is_in_doubt():
    row = one(headings=[("类别", "企业"), ("学校标识码", "4141000001")])
    assert (row.outcome, codes(row)) == ("doubtful", ["school-code-enterprise"])


def test_only_what_has_no_name_or_does_not_fit_is_refused():
    rows = plan(NAMED, ["", "企业", "x.cn"], ["长" * 201, "企业", ""], ["x", "？", ""])
    assert [row.outcome for row in rows] == ["refused", "refused", "doubtful"]


def test_a_formula_stays_text_and_is_told():
    row = one(headings=[("类别", "企业"), ("简介", "=6*7")])
    assert (row.outcome, row.values["description"], codes(row)) == ("new", "=6*7", ["formula"])


def test_the_last_value_of_a_formula_is_taken_and_told():
    found = reader.read_table(files.xls(["单位名称", "类别", "简介"], ["示例厂", "企业", "=6*7"]))
    row = next(planner.Planner(found.mapping).plan(found.rows()))
    assert (row.outcome, row.values["description"]) == ("new", "42")
    assert format_reason(row.reasons[0]) == "“42”: a formula stood here; its last value is taken."


# -- Whom a row means --------------------------------------------------------


def test_an_organization_is_known_by_its_code():
    known = make_organization("示例旧名", kind="enterprise", credit_code=GOOD)
    row = one(headings=[("信用代码", GOOD)])
    assert (row.organization, row.outcome) == (known.pk, "changed")
    assert (row.before["name"], row.values["name"]) == ("示例旧名", "示例纺织有限公司")


@pytest.mark.parametrize(
    "name", ["示例 纺织有限公司", "示例紡織有限公司", "示例纺织有限公司\u200b"]
)
def test_a_name_written_otherwise_is_the_same(name):
    make_organization("示例纺织有限公司", kind="enterprise")
    assert one(name).outcome == "unchanged"


def test_an_alias_means_its_organization_and_renames_nobody():
    known = make_organization("示例职业技术学院", kind="vocational-college")
    make_alias(known, "示例院")
    row = one("示例院", [("英文名", "Example")])
    assert (row.organization, row.values) == (known.pk, {"name_en": "Example"})


def test_a_likely_double_is_in_doubt_with_whom_how_sure_and_why():
    known = make_organization("示例丙棉纺织有限公司", kind="enterprise")
    row = one("示例丙棉纺织集团公司")
    assert (row.outcome, row.organization) == ("doubtful", known.pk)
    assert str(known.pk) in format_reason(row.reasons[-1])
    assert row.values["aliases"][0][0] == "示例丙棉纺织集团公司"


def test_the_same_organization_twice_in_a_file_is_in_doubt():
    rows = plan(["单位名称"], ["示例纺织有限公司"], ["示例纺织有限公司"])
    assert [row.outcome for row in rows] == ["new", "doubtful"]
    assert "Row 2" in format_reason(rows[1].reasons[-1])


def test_a_known_organization_twice_in_a_file_is_in_doubt():
    make_organization("示例纺织有限公司", kind="enterprise")
    rows = plan(["单位名称"], ["示例纺织有限公司"], ["示例紡織有限公司"])
    assert [row.outcome for row in rows] == ["unchanged", "doubtful"]


def test_a_number_that_is_somebody_elses_is_in_doubt():
    known = make_organization("示例甲学院")
    row = plan(["number", "name"], [str(known.pk), "完全不同的单位"])[0]
    assert "number-other" in codes(row)


def test_what_was_withdrawn_is_not_changed_unasked():
    make_organization("示例学院", state="withdrawn")
    assert codes(one("示例学院", [("英文名", "Example")])) == ["withdrawn"]


# -- Roles -------------------------------------------------------------------


@pytest.fixture
def seats():
    make_community()
    make_role("lead-enterprise", rank=10, axis="lead", kinds=["enterprise"])
    make_role("member")


def test_roles_are_memberships_with_their_days(seats):
    row = one(headings=[("角色", "牵头企业；成员单位"), ("加入时间", "2023.11.13")])
    assert [(m["role"], m["since"]) for m in row.values["memberships"]] == [
        ("lead-enterprise", "2023-11-13"), ("member", "2023-11-13")
    ]  # fmt: skip


def test_an_unknown_role_is_in_doubt(seats):
    assert codes(one(headings=[("角色", "厨师")]))[-1] == "role-unknown"


def test_a_role_that_is_not_open_to_the_kind_is_in_doubt(seats):
    row = one("示例大学", [("角色", "牵头企业")])
    assert (row.outcome, row.whole["memberships"]) == ("doubtful", [])


def test_a_second_holder_of_a_single_seat_is_kept_and_told(seats):
    from directory.models import Role, Seat

    Seat.objects.create(community=make_community(), role=Role.objects.get(pk="member"), count=1)
    make_membership(role=make_role("member"))
    row = one(headings=[("角色", "成员单位")])
    assert (row.outcome, codes(row)[-1]) == ("new", "second-holder")


def test_a_period_that_meets_a_recorded_one_is_in_doubt(seats):
    known = make_organization("示例纺织有限公司", kind="enterprise")
    make_membership(known, make_role("member"), since="2020-01-01", until="2022-01-01")
    headings = [("角色", "成员单位"), ("加入时间", "2021-01-01"), ("退出时间", "2023-01-01")]
    assert codes(one(headings=headings))[-1] == "overlap"


def test_an_end_day_ends_the_membership_that_is_there(seats):
    known = make_organization("示例纺织有限公司", kind="enterprise")
    held = make_membership(known, make_role("member"), since="2020-01-01")
    row = one(headings=[("角色", "成员单位"), ("退出时间", "2023-01-01")])
    assert (row.outcome, row.values["memberships"][0]["key"]) == ("changed", held.pk)


def test_without_a_role_nobody_becomes_a_member_unless_it_is_chosen_for_all(seats):
    assert "memberships" not in one().values
    row = one(role="member", community="example")
    assert row.values["memberships"][0]["role"] == "member"


def test_of_several_communities_the_row_must_say_which(seats):
    make_community("another")
    assert codes(one(headings=[("角色", "成员单位")]))[-1] == "community-missing"


# -- Nothing is written ------------------------------------------------------


def test_a_plan_writes_nothing():
    one()
    assert not Organization.objects.exists()
    assert not Revision.objects.exists()


def test_the_ministrys_list_reads_by_itself(places):
    headings = ["seq", "name", "school_code", "authority", "province", "city", "level"]
    cells_ = ["1", "示例大学", "4141000001", "示例部", "北京市", "北京市", "本科"]
    row = plan(headings, cells_)[0]
    assert (row.outcome, row.values) == (
        "new",
        {"name": "示例大学", "kind": "university", "region": "110000", "school_code": "4141000001"},
    )
