"""Which sheet of a workbook is read, and what of it stays: columns without a heading, too."""

import pytest

from directory.admin.imports import presenters
from directory.admin.imports.forms import MappingForm
from directory.importing import service as import_service
from directory.importing.plan.planner import Planner
from directory.importing.readers import headings, reader
from directory.importing.readers.limits import UnreadableFile
from tests import spreadsheets as files
from tests.spreadsheets import HEADINGS, ROW

LISTS = {"旧表": [[*HEADINGS, "网址", "简称"], [*ROW, "x.cn", "示"]], "空表": []}


def test_a_sheet_that_everybody_sees_wins_over_a_hidden_one():
    found = reader.read_table(files.xlsx(HEADINGS, ROW, more=LISTS, hidden=["旧表"]))
    assert (found.sheet, found.other_sheets) == ("成员", ["旧表"])


def test_a_sheet_with_headings_only_is_no_list():
    found = reader.read_table(files.xlsx([*HEADINGS, "网址"], more={"名单": [HEADINGS, ROW]}))
    assert (found.sheet, found.other_sheets) == ("名单", ["成员"])


def test_the_sheet_can_be_chosen():
    data = files.xlsx(HEADINGS, ROW, more=LISTS, hidden=["旧表"])
    found = reader.read_table(data, "旧表")
    assert (found.sheet, found.other_sheets, len(found.mapping)) == ("旧表", ["成员"], 5)


@pytest.mark.parametrize("data", [files.xlsx(HEADINGS, ROW), files.csv(HEADINGS, ROW)])
def test_a_sheet_that_is_not_there_is_told(data):
    with pytest.raises(UnreadableFile) as caught:
        reader.read_table(data, "月球")
    assert str(caught.value) == "The file has no sheet that is called “月球”."


def test_a_workbook_of_empty_sheets_has_nothing_in_it():
    with pytest.raises(UnreadableFile, match="no sheet with anything"):
        reader.read_table(files.xlsx(more={"空表": []}))


def test_a_column_without_a_heading_stays_if_it_holds_anything():
    found = reader.read_table(files.csv([*HEADINGS, "", "", ""], [*ROW, "", "手写", ""]))
    assert found.headings == [*HEADINGS, "", ""]
    assert (found.mapping[3:], found.fields_by_heading["#5"]) == (["", ""], None)


@pytest.mark.django_db
def test_a_second_column_for_one_fact_is_told_and_not_imported():
    found = reader.read_table(
        files.csv(["单位名称", "类别", "单位类型"], ["示例厂", "企业", "大学"])
    )
    assert (found.mapping, "twice" in headings.FIELDS) == (["name", "kind", "twice"], False)
    row = next(Planner(found.mapping).plan(found.rows()))
    assert (found.fields_by_heading["单位类型"], row.values["kind"]) == (None, "enterprise")


@pytest.mark.django_db
def test_a_row_that_is_hidden_is_read_and_says_so():
    data = files.xlsx(HEADINGS, ROW, [*ROW[:-1], ROW[-1]], folded=[2])
    found = reader.read_table(data)
    first, second = Planner(found.mapping).plan(found.rows())
    assert "hidden-row" in [code for code, *_more in second.reasons]
    assert "hidden-row" not in [code for code, *_more in first.reasons]


# -- Cells of a workbook -----------------------------------------------------


def cell_xml(reference: str, text: str, kind="str", formula="") -> str:
    written = f"<f>{formula}</f>" if formula else ""
    return f'<c r="{reference}" t="{kind}">{written}<v>{text}</v></c>'


def of_xml(*rows: list[str]) -> list[list[str]]:
    lines = "".join(f'<row r="{at}">{"".join(cells)}</row>' for at, cells in enumerate(rows, 1))
    data = files.rezipped(files.xlsx(HEADINGS), sheet=files.sheet_xml(lines))
    return [row.cells for row in reader.read_table(data).rows()]


@pytest.mark.django_db
@pytest.mark.parametrize("make", [files.xlsx, files.xls])
def test_a_number_that_lost_digits_says_so(make):
    data = make(["单位名称", "类别", "信用代码"], ["示例厂", "企业", 911100006000373410.0])
    found = reader.read_table(data)
    row = next(Planner(found.mapping).plan(found.rows()))
    assert next(iter(found.rows())).cells[2] == "9.11100006000373e+17"
    assert [reason[0] for reason in row.reasons] == ["shortened"]


def test_an_error_of_a_spreadsheet_comes_as_its_text():
    headings_ = [cell_xml("A1", "单位名称"), cell_xml("B1", "类别"), cell_xml("C1", "网址")]
    row = [cell_xml("A2", "#N/A", "e"), cell_xml("B2", "企业"), cell_xml("C2", "#REF!", "e", "A9")]
    assert of_xml(headings_, row) == [["#N/A", "企业", "=A9"]]


@pytest.mark.django_db
def test_an_error_for_a_name_is_a_refused_row():
    row = next(Planner(["name", "kind"]).plan([(2, ["#N/A", "企业"])]))
    assert (row.outcome, [reason[0] for reason in row.reasons]) == (
        "refused", ["error-value", "no-name"]
    )  # fmt: skip


def test_a_block_that_is_merged_is_filled_down_in_its_first_column():
    rows = ["河南", None, "甲厂"], ["", None, "乙厂"], ["", None, "丙厂"]
    data = files.xlsx(["省份", "备注", "单位名称"], *rows, merged=["A2:B4"])
    found = [row.cells for row in reader.read_table(data).rows()]
    assert found == [["河南", "", "甲厂"], ["河南", "", "乙厂"], ["河南", "", "丙厂"]]


def test_a_block_over_all_columns_is_filled_down_to_nobody():
    data = files.xlsx(HEADINGS, ["以下待核实", None, None], [], ROW, merged=["A2:C3"])
    assert [number for number, _why, _text in reader.read_table(data).skipped_rows] == [2, 3]


@pytest.mark.django_db
def test_what_is_said_twice_stays_so_until_another_meaning_is_chosen(admin_user):
    of = import_service.create_import(
        "a.csv", files.csv(["单位名称", "类别", "单位类型"], ROW), None
    )
    form = MappingForm({"column-0": "name", "column-1": "kind"}, of, admin_user)
    assert form.is_valid()
    assert form["column-2"].initial == ""
    form.save()
    assert of.mapping == ["name", "kind", "twice"]
    assert presenters.describe_mapping(of)[2] == (
        "单位类型",
        "the same as an earlier column",
        False,
    )
