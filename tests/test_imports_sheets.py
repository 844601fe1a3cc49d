"""Which sheet of a workbook is read, and what of it stays: columns without a heading, too."""

import pytest

from directory.desk.imports import headings, reading
from directory.desk.imports.limits import Unreadable
from directory.desk.imports.planning import Planner
from tests import office_files as files
from tests.office_files import HEADINGS, ROW

LISTS = {"旧表": [[*HEADINGS, "网址", "简称"], [*ROW, "x.cn", "示"]], "空表": []}


def test_a_sheet_that_everybody_sees_wins_over_a_hidden_one():
    found = reading.read(files.xlsx(HEADINGS, ROW, more=LISTS, hidden=["旧表"]))
    assert (found.sheet, found.left_out) == ("成员", ["旧表"])


def test_a_sheet_with_headings_only_is_no_list():
    found = reading.read(files.xlsx([*HEADINGS, "网址"], more={"名单": [HEADINGS, ROW]}))
    assert (found.sheet, found.left_out) == ("名单", ["成员"])


def test_the_sheet_can_be_chosen():
    data = files.xlsx(HEADINGS, ROW, more=LISTS, hidden=["旧表"])
    found = reading.read(data, "旧表")
    assert (found.sheet, found.left_out, len(found.mapping)) == ("旧表", ["成员"], 5)


@pytest.mark.parametrize("data", [files.xlsx(HEADINGS, ROW), files.csv(HEADINGS, ROW)])
def test_a_sheet_that_is_not_there_is_told(data):
    with pytest.raises(Unreadable) as caught:
        reading.read(data, "月球")
    assert str(caught.value) == "The file has no sheet that is called “月球”."


def test_a_workbook_of_empty_sheets_has_nothing_in_it():
    with pytest.raises(Unreadable, match="no sheet with anything"):
        reading.read(files.xlsx(more={"空表": []}))


def test_a_column_without_a_heading_stays_if_it_holds_anything():
    found = reading.read(files.csv([*HEADINGS, "", "", ""], [*ROW, "", "手写", ""]))
    assert found.headings == [*HEADINGS, "", ""]
    assert (found.mapping[3:], found.named_mapping["#5"]) == (["", ""], None)


@pytest.mark.django_db
def test_a_second_column_for_one_fact_is_told_and_not_imported():
    found = reading.read(files.csv(["单位名称", "类别", "单位类型"], ["示例厂", "企业", "大学"]))
    assert (found.mapping, "twice" in headings.FIELDS) == (["name", "kind", "twice"], False)
    row = next(Planner(found.mapping).plan(found.rows()))
    assert (found.named_mapping["单位类型"], row.values["kind"]) == (None, "enterprise")
