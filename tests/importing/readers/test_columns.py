"""The columns of a sheet: lists below and beside each other, cells without a heading, codes."""

import pytest

from directory.importing.readers import limits, reader
from directory.importing.readers.limits import UnreadableFile
from tests import spreadsheets as files
from tests.importing.planning import GOOD

ROLES = ["序号", "单位名称", "角色"]


def read(*rows: list[str]) -> reader.TableReading:
    return reader.read_table(files.csv(*rows))


def values(found: reader.TableReading) -> list[dict[str, str]]:
    """The filled cells of each row by their fields."""
    return [
        {name: cell for name, cell in zip(found.mapping, row.cells, strict=False) if cell}
        for row in found.rows()
    ]


@pytest.mark.parametrize(
    "beside",
    [ROLES, ["", *ROLES], ["单位名称", "角色", "网址"], ["", "信用代码", "企业名称", "角色"],
     ["", "企业名称", "", "序号"]],
)  # fmt: skip
def test_a_list_beside_the_first_is_not_read_as_part_of_it(beside):
    cells = [f"x{at}" if heading else "" for at, heading in enumerate(beside)]
    found = read([*ROLES, *beside], ["1", "示例甲厂", "理事", *cells], ["", "", "", *cells])
    assert found.mapping[:3] == ["sequence", "name", "roles"]
    assert {kind for kind in found.mapping[3:] if kind} == {"adjacent"}
    assert [(row.number, row.cells[1]) for row in found.rows()] == [(2, "示例甲厂")]
    assert found.skipped_rows == [(3, "adjacent", " ".join(filter(None, cells)))]


def test_a_column_without_a_heading_does_not_take_columns_from_the_first_list():
    headings = ["序号", "单位名称", "", "角色", *ROLES]
    found = read(headings, ["1", "示例甲厂", "", "理事", "2", "示例乙厂", "成员"])
    assert found.mapping == ["sequence", "name", "", "roles", *["adjacent"] * 3]


@pytest.mark.parametrize(
    "headings",
    [["单位名称", "联系人", "电话", "学校名称"], ["单位名称", "类别", "单位类型", "网址"],
     ["单位名称", "省份", "合作单位", "所在城市"], ["院校名称", "企业名称"]],
)  # fmt: skip
def test_a_second_column_for_one_fact_is_no_list_of_its_own(headings):
    assert "adjacent" not in read(headings, ["示例"] * len(headings)).mapping


LISTS_BELOW = {
    "other columns": (["企业名称", "网址", "城市"], ["示例乙厂", "x.cn", "示例市"]),
    "another order": (["城市", "类别", "单位名称"], ["示例市", "企业", "示例乙厂"]),
    "to the right": (["", "", "", "单位名称", "城市"], ["", "", "", "示例乙厂", "示例市"]),
    "fewer": (["公司名称", "城市"], ["示例乙厂", "示例市"]),
    "more": (["序号", "单位名称", "类别", "城市", "成立年份"], ["一", "示例乙厂", "", "示例市"]),
    "a name nobody knows": (["参编高校", "类别", "省份", "城市"], ["示例乙厂", "", "", "示例市"]),
}


@pytest.mark.parametrize("case", LISTS_BELOW)
def test_a_list_further_down_is_read_by_its_own_headings(case):
    headings, row = LISTS_BELOW[case]
    found = read(["单位名称", "类别", "省份"], ["示例甲校", "本科", "示例省"], [], headings, row)
    first, second = values(found)
    assert first == {"name": "示例甲校", "kind": "本科", "province": "示例省"}
    assert (second["name"], second["city"]) == ("示例乙厂", "示例市")
    assert (4, "list") in [(number, reason) for number, reason, _text in found.skipped_rows]


def test_headings_in_two_rows_further_down_are_read_as_one():
    upper, lower = ["单位名称", "所在地区", "", "网址"], ["", "省份", "城市", ""]
    found = read(ROLES, ["1", "示例甲厂", "理事"], upper, lower, ["示例乙厂", "甲", "乙", "x.cn"])
    assert values(found)[1] == {
        "name": "示例乙厂",
        "province": "甲",
        "city": "乙",
        "website": "x.cn",
    }


def test_a_list_further_down_with_more_headings_does_not_hide_the_first():
    more = ["单位名称", "类别", "省份", "网址"]
    found = read(["单位名称", "类别"], ["示例甲校", "本科"], more, ["示例乙厂", "企业", "", "x.cn"])
    assert (found.header_row, [each["name"] for each in values(found)]) == (
        1, ["示例甲校", "示例乙厂"]
    )  # fmt: skip


def test_words_for_the_sender_above_the_headings_are_no_list():
    above = ["申报单位", "示例大学", "联系人", "张三"]
    found = read(above, ["序号", "单位名称", "类别"], ["1", "示例厂", "企业"])
    assert (found.header_row, len(values(found))) == (2, 1)


def test_values_that_are_headings_elsewhere_make_no_row_of_headings():
    rows = ["示例公司", "企业", "成员单位", "市"], ["企业", "学校", "成员单位", "示例"]
    found = read(["单位名称", "类别", "角色", "城市"], *rows)
    assert [row.cells for row in found.rows()] == list(rows)


def test_the_value_of_a_formula_moves_with_its_cell():
    data = files.xls(["单位名称", "简介"], ["甲", "x"], ["简介", "单位名称"], ["=6*7", "乙"])
    assert [tuple(row) for row in reader.read_table(data).rows()][1] == (4, ["乙", "42"], [1])


def test_columns_that_lists_add_without_end_are_refused():
    many = [["单位名称", "类别", f"第{at}份", f"另{at}份"] for at in range(120)]
    rows = [row for headings in many for row in (headings, ["示例厂", "x", "x", "x"])]
    with pytest.raises(UnreadableFile, match=str(limits.COLUMNS)):
        read(*rows)


@pytest.mark.parametrize("rows_above", [0, 100])
def test_cells_beyond_the_headings_are_columns_however_far_down(rows_above):
    above = [["示例厂", "企业", "示例市"]] * rows_above
    found = read(["单位名称", "类别", "城市"], *above, ["甲", "企业", "市", "一", "", "二"])
    assert (found.mapping[3:], found.filled_counts[3:]) == ([""] * 3, [1, 0, 1])
    assert (found.labels[3:], found.first_values[3:]) == (["#4", "#5", "#6"], [["一"], [], ["二"]])


def test_blanks_beyond_the_headings_are_no_columns():
    assert read(["单位名称", "类别", "", ""], ["示例厂", "企业", " ", "\u3000", ""]).mapping == [
        "name", "kind"
    ]  # fmt: skip


DOUBLE = [
    "学校标识码/信用代码", "统一社会信用代码（学校标识码）", "信用代码或院校代码",
    "School code / Credit code", "组织机构代码、学校代码", "学校标识码(企业填信用代码)",
]  # fmt: skip


@pytest.mark.parametrize("heading", DOUBLE)
def test_a_heading_of_two_codes_is_read_by_its_cells(heading):
    def field(*codes: str) -> str:
        return read(["单位名称", heading], *[["示例", code] for code in codes]).mapping[1]

    assert field("4141000001", "", "41 4100 0002") == "school_code"
    assert field(GOOD, GOOD) == field("4141000001", GOOD) == "credit_code"
    assert field("甲", "10001") == "codeless"


VAGUE = {"Code": "90210", "CODE": "12345-6789", "代码": "0012", "院校代码": "10001", "标识码": "A"}


@pytest.mark.parametrize("heading", VAGUE)
def test_a_column_of_codes_without_any_that_is_known_is_not_read(heading):
    found = read(["单位名称", heading], ["示例", VAGUE[heading]])
    assert (found.mapping[1], found.fields_by_heading[heading]) == ("codeless", None)


@pytest.mark.parametrize("code", [GOOD, "4141000001", GOOD[:-1], "9.11100006000373e+17"])
def test_a_code_is_known_below_a_vague_heading_too(code):
    assert read(["单位名称", "Code"], ["示例甲", "x"], ["示例乙", code]).mapping[1] == "credit_code"


def test_the_heading_that_names_the_code_is_taken_before_a_vague_one():
    for code in ("90210", GOOD):
        found = read(["单位名称", "Code", "统一社会信用代码"], ["示例", code, GOOD])
        assert found.fields_by_heading["Code"] is None
        assert found.mapping[2] == "credit_code"


def test_a_heading_that_names_the_code_is_believed_whatever_is_below():
    assert read(["单位名称", "统一社会信用代码"], ["示例", "90210"]).mapping[1] == "credit_code"
