"""Whom a row means when its parts disagree, and what a list may not do to whom it means."""

import pytest

from directory.importing import roundtrip_export
from directory.importing import service as import_service
from directory.importing.apply import writer as import_writer
from directory.models import Alias, Import, ImportRow, Membership, Organization
from tests import spreadsheets as files
from tests.factories import (
    make_alias,
    make_community,
    make_membership,
    make_organization,
    make_role,
)
from tests.importing.planning import AS_SOURCE, GOOD, codes, edited, plan, planned

pytestmark = pytest.mark.django_db
SCHOOL = ["学校名称", "学校标识码"]


def applied(headings: list[str], *rows: list[str]) -> Import:
    of = import_service.create_import("示例.csv", files.csv(headings, *rows), None)
    import_service.plan_import(of)
    return import_writer.apply_import(of, None)


def row_of(data: bytes) -> ImportRow:
    return ImportRow.objects.filter(of=planned(data)).first()


# -- Codes and names -----------------------------------------------------------


def test_the_code_of_one_with_the_name_of_another_is_in_doubt():
    make_organization("示例甲学院", school_code="4141010001")
    make_organization("示例乙学校", school_code="4141010002")
    row = plan(SCHOOL, ["示例乙学校", "4141010001"])[0]
    assert (row.outcome, codes(row)) == ("doubtful", ["several"])


def test_a_school_code_with_quite_another_name_is_in_doubt():
    known = make_organization("示例纺织学院", school_code="4141010001")
    row = plan(SCHOOL, ["东方理工大学", "4141010001"])[0]
    assert (row.outcome, codes(row), row.organization) == ("doubtful", ["code-only"], known.pk)


def test_a_school_that_became_a_university_is_known_and_its_old_name_kept():
    known = make_organization("示例纺织学院", school_code="4141010001")
    of = applied(SCHOOL, ["示例纺织大学", "4141010001"])
    assert of.counts["applied"] == 1
    assert Organization.objects.get().name == "示例纺织大学"
    assert list(Alias.objects.values_list("organization", "name", "sort")) == [
        (known.pk, "示例纺织学院", "former")
    ]


def test_another_name_of_a_row_that_is_somebody_elses_name_is_in_doubt():
    make_organization("示例申达集团", kind="enterprise")
    row = plan(["单位名称", "简称"], ["东方纺织股份有限公司", "示例申达集团"])[0]
    assert (row.outcome, codes(row)) == ("doubtful", ["alias-only"])


def test_a_name_that_is_an_alias_of_somebody_means_it():
    known = make_organization("示例职业技术学院")
    make_alias(known, "示例院")
    row = plan(["单位名称"], ["示例院"])[0]
    assert (row.outcome, row.organization) == ("unchanged", known.pk)


def test_a_code_that_a_row_above_gives_away_is_not_given_twice():
    make_organization("示例甲公司", kind="enterprise")
    make_organization("东方乙工厂", kind="enterprise")
    rows = plan(["单位名称", "信用代码"], ["示例甲公司", GOOD], ["东方乙工厂", GOOD])
    assert [row.outcome for row in rows] == ["changed", "doubtful"]
    assert codes(rows[1]) == ["same-row"]


def test_a_name_that_a_row_above_takes_makes_nobody_new():
    make_organization("示例旧名公司", kind="enterprise", credit_code=GOOD)
    heads = ["单位名称", "信用代码", "类别"]
    rows = plan(heads, ["东方新名公司", GOOD, "企业"], ["东方新名公司", "", "企业"])
    assert [row.outcome for row in rows] == ["changed", "doubtful"]


def test_only_an_english_name_renames_nobody():
    make_organization("示例公司", name_en="Example", kind="enterprise", credit_code=GOOD)
    row = plan(["英文名", "信用代码"], ["Example Silk", GOOD])[0]
    assert row.values == {"name_en": "Example Silk"}


# -- Roles ---------------------------------------------------------------------


@pytest.fixture
def member() -> Membership:
    make_community(code="example", name="示例共同体")
    role = make_role("member", name="成员")
    return make_membership(make_organization("示例学院"), role, since="2023-11-13")


def test_two_words_for_one_role_are_one_role(member):
    make_organization("示例大学")
    of = applied(["单位名称", "角色"], ["示例大学", "成员单位；会员单位"])
    assert of.counts["applied"] == 1
    assert Membership.objects.count() == 2


def test_a_role_that_was_withdrawn_is_in_doubt(member):
    Membership.objects.update(state="withdrawn")
    row = plan(["单位名称", "角色"], ["示例学院", "成员单位"])[0]
    assert (row.outcome, codes(row)) == ("doubtful", ["role-withdrawn"])


def test_a_role_does_not_end_before_it_is_recorded_to_begin(member):
    row = plan(["单位名称", "角色", "退出时间"], ["示例学院", "成员", "2020-01-01"])[0]
    assert (row.outcome, codes(row)) == ("doubtful", ["ends-before"])


def test_an_end_is_that_of_the_role_still_held(member):
    Membership.objects.update(since=None, until="2020-01-01")
    held = make_membership(member.organization, member.role, since="2023-11-13")
    row = plan(["单位名称", "角色", "退出时间"], ["示例学院", "成员", "2025-01-01"])[0]
    assert row.values["memberships"][0]["key"] == held.pk


# -- A file for editing ----------------------------------------------------------


def export() -> bytes:
    return roundtrip_export.build_csv(Organization.objects.all())


def test_a_name_that_is_emptied_renames_nobody():
    make_organization("示例学院", name_en="Example College")
    assert row_of(edited(export(), name="")).outcome == "unchanged"


def test_a_renamed_one_may_keep_its_old_name_as_an_alias():
    make_organization("示例学院")
    row = row_of(edited(export(), name="示例大学", aliases="示例学院"))
    assert row.values["name"] == "示例大学"
    assert [name for name, *_more in row.values["aliases"]] == ["示例学院"]


def test_a_region_in_words_beside_an_empty_code_is_read():
    make_organization("示例学院", region=None)
    row = row_of(edited(export(), region_name="不知何处"))
    assert (row.outcome, codes(row)) == ("doubtful", ["region-unknown"])


def test_the_code_of_another_is_told_in_the_plan():
    make_organization("示例甲公司", kind="enterprise")
    make_organization("东方乙工厂", kind="enterprise", credit_code=GOOD)
    row = row_of(edited(export(), credit_code=GOOD))
    assert (row.outcome, "code-taken" in codes(row)) == ("doubtful", True)


def test_a_row_that_stands_twice_is_in_doubt():
    make_organization("示例学院")
    lines = edited(export(), name_en="Mine").decode().splitlines()
    of = planned("\r\n".join([*lines, lines[1]]).encode())
    assert [row.outcome for row in of.rows.order_by("number")] == ["changed", "doubtful"]


def test_line_ends_of_a_form_are_no_change():
    make_organization("示例学院", description="一\r\n二")
    assert row_of(export()).outcome == "unchanged"


def test_a_role_that_is_added_does_not_take_the_day_of_the_one_beside_it(member):
    make_role("chair", name="理事长", rank=10)
    row = row_of(edited(export(), roles="member; chair"))
    assert (row.outcome, codes(row)) == ("doubtful", ["unequal"])


@pytest.mark.parametrize("write", [roundtrip_export.build_csv, roundtrip_export.build_xlsx])
def test_a_text_that_no_cell_holds_is_not_cut(write):
    make_organization("示例学院", description="长" * 40_000)
    assert row_of(write(Organization.objects.all())).outcome == "unchanged"


# -- What the plan could not know ------------------------------------------------


def test_what_an_unticked_cell_makes_unlawful_is_left_and_told():
    make_organization("示例厂", kind="enterprise")
    heads = ["单位名称", "类别", "学校标识码"]
    of = import_service.create_import(
        "a.csv", files.csv(heads, ["示例厂", "高职", "4141010001"]), None
    )
    import_service.plan_import(of)
    of.rows.update(left=["kind"], decision="change")
    import_writer.apply_import(of, None)
    row = of.rows.get()
    assert (row.applied, codes(row)[-1]) == ("no", "school-code-enterprise")


def test_a_row_that_the_database_refuses_is_left_and_the_others_are_written(member):
    make_organization("示例大学")
    heads = ["单位名称", "角色"]
    data = files.csv(heads, ["示例大学", "成员"], ["示例研究院", ""])
    of = import_service.create_import("a.csv", data, None, AS_SOURCE)
    import_service.plan_import(of)
    first = of.rows.order_by("number").first()
    first.values["memberships"] *= 2
    first.save()
    import_writer.apply_import(of, None)
    assert [row.applied for row in of.rows.order_by("number")] == ["no", "yes"]
    assert codes(of.rows.order_by("number").first())[-1] == "clashes"
    assert Organization.objects.get(name="示例研究院").citations.exists()


def test_a_row_left_beside_one_that_the_database_refuses_is_told_once(member):
    make_organization("示例大学"), make_organization("示例甲校")
    heads = ["单位名称", "角色", "英文名"]
    data = files.csv(heads, ["示例大学", "成员", ""], ["示例甲校", "", "A"])
    of = import_service.create_import("a.csv", data, None)
    import_service.plan_import(of)
    first, second = of.rows.order_by("number")
    first.values["memberships"] *= 2
    first.save()
    Organization.objects.filter(name="示例甲校").update(version=9)
    import_writer.apply_import(of, None)
    second.refresh_from_db()
    assert codes(second) == ["stale"]


def test_a_second_row_for_one_organization_says_that_the_first_was_written():
    make_organization("示例学院")
    data = files.csv(["单位名称", "英文名"], ["示例学院", "A College"], ["示例学院", "B College"])
    of = import_service.create_import("a.csv", data, None)
    import_service.plan_import(of)
    of.rows.filter(outcome="doubtful").update(decision="change")
    import_writer.apply_import(of, None)
    assert codes(of.rows.order_by("-number").first())[-1] == "twice"
