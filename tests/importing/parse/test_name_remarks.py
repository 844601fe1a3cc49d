"""What stands beside a name is asked about, with the organization that is likely meant."""

import pytest

from directory.importing import roundtrip_export
from directory.importing.apply import writer as import_writer
from directory.models import ImportRow, Membership, Organization
from tests.factories import make_community, make_organization, make_role
from tests.importing.planning import codes, edited, one, planned

pytestmark = pytest.mark.django_db
KIND = [("类别", "其他")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("示例学院（已退出）", "left"), ("示例学院【已注销】", "left"), ("示例学院-已退出", "left"),
     ("（2024年退会）示例学院", "left"), ("示例学院（原理事长单位）", "left"),
     ("示例学院 (withdrawn)", "left"), ("示例学院（牵头）（已退出）", "left"),
     ("示例学院（待确认）", "name-remark"), ("示例学院(本部)", "name-remark"),
     ("示例学院（2023年新增）", "name-remark"), ("★示例学院", "name-remark"),
     ("示例学院*", "name-remark"), ("示例学院[1]", "name-remark"),
     ("示例学院待核实", "name-remark")],
)  # fmt: skip
def test_a_state_is_taken_off_and_asked_about(cell, code):
    known = make_organization("示例学院", kind="other")
    row = one(cell, KIND)
    assert (row.outcome, row.name, codes(row)) == ("doubtful", "示例学院", [code])
    assert (row.organization, row.values) == (known.pk, {})


@pytest.mark.parametrize(
    "cell", ["示例学院（龙湖校区）", "示例学院（ZUT）", "示例学院1", "示例学院（甲方）"]
)
def test_what_may_belong_to_the_name_stays_and_the_likely_one_is_offered(cell):
    known = make_organization("示例学院", kind="other")
    row = one(cell, KIND)
    assert (row.outcome, row.organization) == ("doubtful", known.pk)
    assert codes(row) == ["name-remark", "like"]
    assert (row.whole["name"], "aliases" in row.values) == (cell, False)


@pytest.mark.parametrize(
    "beside",
    [("名称", "（已退出）"), ("备注", "2024年已退出"), ("状态", "注销"), ("退出时间", "已退出")],
)
def test_who_has_left_becomes_no_member_even_if_the_row_is_accepted(beside):
    make_community(), make_role("member", name="示例成员")
    heading, text = beside
    cells = [*KIND, ("角色", "示例成员"), *([] if heading == "名称" else [beside])]
    row = one(f"示例学院{text}" if heading == "名称" else "示例学院", cells)
    assert (row.outcome, "left" in codes(row)) == ("doubtful", True)
    assert (row.whole["name"], "memberships" in row.whole) == ("示例学院", False)


@pytest.mark.parametrize("remark", ["未退出", "民办", "拟退出", "2023年11月13日成立大会"])
def test_other_remarks_are_not_read(remark):
    assert one("示例学院", [*KIND, ("备注", remark)]).outcome == "new"


def test_a_role_with_its_last_day_needs_no_question():
    make_community(), make_role("member", name="示例成员")
    cells = [*KIND, ("角色", "示例成员"), ("退出时间", "2024-05-01"), ("备注", "2024年退出")]
    row = one("示例学院", cells)
    assert (row.outcome, row.values["memberships"][0]["until"]) == ("new", "2024-05-01")


def test_a_state_in_a_file_that_was_exported_renames_nobody_by_itself():
    make_organization("示例学院", kind="other")
    data = roundtrip_export.build_csv(Organization.objects.all())
    of = planned(edited(data, name="示例学院（已退出）"))
    assert ImportRow.objects.get().outcome == "doubtful"
    import_writer.apply_import(of, None)
    assert Organization.objects.get().name == "示例学院"
    assert not Membership.objects.exists()
