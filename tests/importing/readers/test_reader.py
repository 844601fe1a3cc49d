"""Any file into rows: the bytes say what it is, and what is no list is refused as a whole."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.importing.readers import __main__ as readers
from directory.importing.readers import headings, limits, reader, xls_formulas
from directory.importing.readers.limits import UnreadableFile
from tests import spreadsheets as files
from tests.spreadsheets import HEADINGS, ROW

LIST = files.csv(HEADINGS, ROW)


def rows(data: bytes) -> list[tuple]:
    return [(row.number, row.cells) for row in reader.read_table(data).rows()]


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        reader.read_table(data)
    return str(caught.value)


ENCODED = {
    "UTF-8": LIST,
    "UTF-8-BOM": b"\xef\xbb\xbf" + LIST,
    "GB18030": files.csv(HEADINGS, ROW, encoding="gb18030"),
    "UTF-16": b"\xff\xfe" + files.csv(HEADINGS, ROW, separator="\t", encoding="utf-16-le"),
    "XLSX": files.xlsx(HEADINGS, ROW),
    "XLS": files.xls(HEADINGS, ROW),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_list_reads_alike_in_every_encoding(encoding):
    found = reader.read_table(ENCODED[encoding])
    assert (found.encoding, list(found.rows())) == (encoding, [(2, ROW, ())])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(separator):
    data = files.csv(HEADINGS, ["示例公司", "企业", "示例市"], separator=separator)
    assert reader.read_table(data).separator == separator


def test_the_headings_are_found_below_titles_and_what_is_above_is_told():
    found = reader.read_table(files.xlsx(["示例名单"], [], HEADINGS, ROW, merged=["A1:C1"]))
    assert found.header_row == 3
    assert found.skipped_rows == [(1, "title", "示例名单"), (2, "blank", "")]


def test_headings_in_two_rows_are_read_as_one():
    upper, lower = ["序号", "单位名称", "所在地区", ""], ["", "", "省份", "城市"]
    found = reader.read_table(files.csv(upper, lower, ["1", "示例厂", "示例省", "示例市"]))
    assert found.mapping == ["sequence", "name", "province", "city"]
    assert found.skipped_rows == [(2, "heading", "序号")]


def test_separators_totals_notes_and_repeated_headings_are_passed_over():
    below = [["二、企业", "", ""], HEADINGS, ["", "", ""], ["合计", "3", ""], ["注：示例", "", ""]]
    found = reader.read_table(files.csv(HEADINGS, *below, ROW))
    reasons = [(number, reason) for number, reason, _text in found.skipped_rows]
    assert reasons == [(2, "separator"), (3, "heading"), (4, "blank"), (5, "total"), (6, "note")]


def test_a_row_that_one_merged_cell_spans_is_a_separator():
    data = files.xlsx(HEADINGS, ["示例省", None, None], ROW, merged=["A2:C2"])
    assert reader.read_table(data).skipped_rows == [(2, "separator", "示例省")]


def test_a_name_alone_is_a_row_all_the_same():
    assert rows(files.csv(HEADINGS, ["示例纺织厂", "", ""])) == [(2, ["示例纺织厂", "", ""])]


def test_what_is_merged_downwards_stands_in_every_row():
    data = files.xlsx(["单位名称", "省份"], ["甲", "示例省"], ["乙", None], merged=["B2:B3"])
    assert [cells for _number, cells in rows(data)] == [["甲", "示例省"], ["乙", "示例省"]]


@pytest.mark.parametrize("make", [files.xlsx, files.xls])
def test_a_code_that_became_a_number_is_text_again(make):
    data = make(["单位名称", "学校标识码"], ["示例学院", 4199900001.0])
    assert rows(data)[0][1] == ["示例学院", "4199900001"]


def test_leading_zeros_of_a_text_stay():
    assert rows(files.xlsx(["单位名称", "代码"], ["示例厂", "0012"]))[0][1][1] == "0012"


def test_a_cell_with_a_day_is_read_as_that_day():
    data = files.xlsx(["单位名称", "加入时间"], ["示例厂", date(2023, 11, 13)])
    assert rows(data)[0][1] == ["示例厂", "2023-11-13"]


def test_a_formula_is_kept_as_text_and_never_its_value():
    assert rows(files.xlsx(["单位名称", "简介"], ["示例厂", "=6*7"]))[0][1][1] == "=6*7"


def test_of_a_formula_in_an_old_workbook_it_is_known_where_it_stands():
    data = files.xls(["单位名称", "简介"], ["示例厂", "=6*7"], ["示例二厂", "42"])
    assert [tuple(row) for row in reader.read_table(data).rows()] == [
        (2, ["示例厂", "42"], [1]),
        (3, ["示例二厂", "42"], ()),
    ]


def test_whatever_is_wrong_with_an_old_workbook_its_formulas_are_only_unknown():
    data = files.xls(["单位名称", "简介"], ["示例厂", "=6*7"])
    assert xls_formulas.find_formulas(data) == [{2: [1]}]
    dice = random.Random(7)
    for _once in range(300):
        broken = bytearray(data[: dice.randrange(len(data))])
        for at in dice.choices(range(len(broken) or 1), k=min(8, len(broken))):
            broken[at] = dice.randrange(256)
        assert isinstance(xls_formulas.find_formulas(bytes(broken)), list)


def test_the_sheet_with_the_best_headings_is_read_and_the_others_are_named():
    data = files.xlsx(["说明", "无"], sheet="封面", more={"名单": [HEADINGS, ROW]})
    found = reader.read_table(data)
    assert (found.sheet, found.other_sheets) == ("名单", ["封面"])


REFUSED = {
    "empty": (b"", "The file is empty."),
    "only blanks": (b"\r\n \r\n", "The file is empty."),
    "NUL": (LIST + b"\0", "NUL bytes"),
    "two encodings": (LIST + b"\n" + files.csv(ROW, encoding="gb18030"), "two encodings"),
    "a web page": (b"<html><table><tr><td>1</table>", "web page"),
    "no row": (files.csv(HEADINGS), "Below the headings of row 1 there is no row."),
    "no headings": (files.csv(["a", "b"], ["c", "d"]), "No row names the columns"),
    "cut off": (files.xlsx(HEADINGS, ROW)[:-200], "damaged"),
    "cut off early": (files.xlsx(HEADINGS, ROW)[:300], "damaged"),
    "an old one cut off": (files.xls(HEADINGS, ROW)[:1200], "damaged"),
    "a password": (files.compound("EncryptedPackage", b"x"), "password"),
    "an open quote": ('单位名称,类别\n"示例,企业'.encode(), "quotation marks"),
    "one cell far away": (files.far_cell(), "row 1048576"),
    "one cell far right": (files.far_cell("XFD2"), "16384 columns"),
    "a bomb": (files.bomb(120), "Unpacked"),
    "entities": (files.rezipped(ENCODED["XLSX"], sheet="<!DOCTYPE x><x/>"), "Unpacked"),
    "a Word document": (files.archive("[Content_Types].xml", "word/document.xml"), "a Word"),
    "an old Word document": (files.compound("WordDocument", b"x"), "a Word document"),
    "slides": (files.archive("[Content_Types].xml", "ppt/presentation.xml"), "not a workbook"),
    "Numbers": (files.archive("Index/Document.iwa"), "not a workbook"),
    "OpenDocument": (files.archive("mimetype", "content.xml"), "OpenDocument"),
    "an archive": (files.archive("名单.xlsx"), "a ZIP archive"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "a photograph": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
    "a PDF": (b"%PDF-1.7\n\xe2\xe3", "a PDF"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "an archive (RAR)"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "an archive (7z)"),
    "a page in one file": (b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n", "web page"),
    "a page with a comment": (b"<!-- a --><table><tr><td>1</table>", "web page"),
    "control characters": (LIST + b"\x01\x02" * 9, "neither"),
    "noise": (b"\x89\xff\xd8" + bytes(range(1, 256)), "neither"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_list_is_refused_with_one_sentence(case):
    data, words = REFUSED[case]
    assert words in refusal(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_control_character_in_a_cell_is_dropped(encoding):
    data = files.csv(HEADINGS, *[ROW] * 20, ["示例\x01二厂", *ROW[1:]], encoding=encoding)
    assert rows(data)[-1][1] == ["示例二厂", *ROW[1:]]


def test_a_file_that_is_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(limits, "FILE_SIZE", 100)
    assert "larger than" in refusal(LIST * 3)


PEAK = """
import sys
from directory.importing.readers.__main__ import main
main(sys.argv[1])
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def peak(path, data: bytes) -> int:
    """The most memory that reading took, in megabytes."""
    path.write_bytes(data)
    told = subprocess.run(
        [sys.executable, "-c", PEAK, path], capture_output=True, check=True, text=True
    )
    return int(told.stdout.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is told by Linux")
def test_a_bomb_of_120_megabytes_costs_less_than_a_hundred(tmp_path):
    bomb = REFUSED["a bomb"][0]
    assert len(bomb) < 300_000
    assert peak(tmp_path / "bomb", bomb) - peak(tmp_path / "list", LIST) < 100


def test_the_column_of_a_list_is_found_by_any_usual_heading():
    said = ["省 份", "单位名称（全称）*", "ＮＡＭＥ（英文）", "学校\n标识码", "联系人"]
    assert headings.map_headings(said) == ["province", "name", "name_en", "school_code", "contact"]


def test_of_two_columns_for_one_fact_the_first_is_taken():
    assert headings.map_headings(["单位名称", "学校名称"]) == ["name", "twice"]


def tried(data: bytes) -> None:
    """Read, or refused with a sentence: anything else fails the test."""
    try:
        for _line in readers.iter_output(data):
            pass
    except UnreadableFile as refused:
        sentence = str(refused)
        if not sentence:
            raise


def tried_apart(data: bytes) -> None:
    """The same in a child, as it is read in truth: where the reader itself ends it, that refuses.

    It aborts where a damaged file names a size that no memory has.
    """
    if not (pid := os.fork()):
        status = 1
        with suppress(BaseException):
            tried(data)
            status = 0
        os._exit(status)
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        with pytest.raises(UnreadableFile):
            reader.read_table(data)
    else:
        assert status == 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_refusal(data):
    for start in (b"", b"\xff\xfe", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LIST):
        (tried_apart if readers.is_workbook(start) else tried)(start + data)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40))
def test_no_damage_to_a_workbook_raises_anything_but_a_refusal(at, noise):
    for whole in (ENCODED["XLSX"], ENCODED["XLS"]):
        tried_apart(whole[:at] + noise + whole[at + len(noise) :])


CELLS = st.sampled_from(
    ["", "单位名称", "name", "合计", "一、企业", "示例厂", "4199900001", "=1", '"']
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(CELLS | st.text(st.characters(codec="utf-8"), max_size=8), max_size=6), max_size=8
    )
)
def test_no_table_raises_anything_but_a_refusal(table):
    tried(files.csv(*table, encoding="utf-8-sig"))


def test_a_child_that_is_stopped_is_a_refusal(monkeypatch):
    monkeypatch.setattr(reader, "CHILD_MODULE", "os")
    assert "too much memory or time" in refusal(LIST)
