"""What of a file is not read is said, and somebody may say what a column means."""

import pytest
from django.utils import translation

from directory.importing import columns
from directory.importing.columns import UnknownColumnError
from directory.importing.readers import reader
from tests import spreadsheets as files

HEADINGS = ["单位名称", "Code", "联系人", "备注"]
ROWS = ["示例甲厂", "90210", "张三", ""], ["示例乙厂", "10001", "李四", "", "", "手写"]


@pytest.fixture
def reading() -> reader.TableReading:
    return reader.read_table(files.csv(HEADINGS, *ROWS))


def test_each_column_that_is_not_read_is_named_with_its_filled_cells(reading):
    unread = columns.list_unread_columns(reading, reading.mapping)
    assert [(each.label, each.count) for each in unread] == [
        ("Code", 2), ("联系人", 2), ("备注", 0), ("#6", 1)
    ]  # fmt: skip
    code, contact, _remark, nameless = map(str, unread)
    assert "no cell has the form of a credit code" in code
    assert "90210, 10001." in code
    assert "filled cells: 2." in contact
    assert "张三" not in contact
    assert nameless.endswith("no heading and is not read; filled cells: 1, the first: 手写.")


def test_a_list_beside_is_named_with_its_headings_and_the_number_of_its_names():
    rows = [[f"示例{at}厂", "理事", f"示例{at}校", "成员"] for at in range(5)]
    found = reader.read_table(files.csv(["单位名称", "角色", "学校名称", "角色"], *rows))
    with translation.override("zh-hans"):
        text = str(columns.find_adjacent_list(found, found.mapping))
    assert "其表头为“学校名称”，“角色”；未读取的名称：5 个（示例0校，示例1校，示例2校 …）" in text


def test_without_a_list_beside_nothing_is_said(reading):
    assert columns.find_adjacent_list(reading, reading.mapping) is None


@pytest.mark.parametrize("heading", ["Code", " code ", "ＣＯＤＥ", "#6", "备注"])
def test_a_column_means_what_somebody_says(reading, heading):
    columns.set_column_fields(reading, [f"{heading}=short"])
    at = reading.mapping.index("short")
    assert reading.labels[at].casefold() in ("code", "#6", "备注")


def test_a_column_that_meant_the_same_is_not_read_then(reading):
    columns.set_column_fields(reading, ["备注=name", "Code=former"])
    assert reading.mapping == ["twice", "former", "contact", "name", "", ""]


@pytest.mark.parametrize(
    ("choices", "words"),
    [(["Code=zip"], "there is no field “zip”"), (["Code"], "there is no field “Code”"),
     (["Code="], "there is no field “”"), (["邮编=region"], "the file has no column “邮编”"),
     (["=region"], "the file has no column “”"), (["Code=twice"], "no field “twice”"),
     (["Code=short", "备注=short"], "given twice"), (["Code=short", "code=city"], "given twice")],
)  # fmt: skip
def test_what_cannot_be_said_of_a_column_is_refused_in_one_sentence(reading, choices, words):
    before = list(reading.mapping)
    with pytest.raises(UnknownColumnError, match=words):
        columns.set_column_fields(reading, choices)
    assert reading.mapping == before
