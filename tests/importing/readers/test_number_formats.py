"""Of a cell with a day only what its number format shows is read."""

from datetime import date, datetime
from io import BytesIO

import pytest
import xlsxwriter

from directory.importing.readers import number_formats, reader
from tests import spreadsheets as files

DAY = date(2023, 11, 13)
PARTS = {
    'yyyy"年"m"月"': "year month", "yyyy": "year", "yyyy/mm": "year month", "mmm-yy": "year month",
    '[$-804]yyyy"年"m"月";@': "year month", "m\\月d\\日": "month day", 'm"月"': "month",
    "yyyy-mm-dd": "", 'yyyy"年"m"月"d"日";@': "", "m/d/yy h:mm": "", "h:mm:ss": "", "[h]:mm": "",
    "General": "", "0.00E+00": "", '#,##0"元"': "", "yyyy年m月 dddd": "year month", "@": "",
    'yyyy"年"m"月"d"日" h:mm AM/PM': "", "[Red]0": "", "mm:ss": "",
}  # fmt: skip


@pytest.mark.parametrize("code", PARTS)
def test_a_format_tells_which_parts_of_a_day_it_shows(code):
    assert number_formats.find_shown_parts(code) == PARTS[code]


def test_the_number_of_a_day_is_shown_as_the_day_itself():
    shown = number_formats.format_shown_parts
    assert shown(45243, "year month") == shown(DAY, "year month") == "2023年11月"
    assert (shown("x", "year"), shown(True, "year"), shown(-1.0, "year")) == ("", "", "")


def workbook(value: object, number_format: object) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["单位名称", "加入时间"])
        page.write(1, 0, "示例厂")
        page.write(1, 1, value, book.add_format({"num_format": number_format}))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("number_format", "text"),
    [('yyyy"年"m"月"', "2023年11月"), ("yyyy", "2023"), (27, "2023年11月"), (57, "2023年11月"),
     (17, "2023年11月"), (58, "11月13日"), ("yyyy-mm-dd", "2023-11-13"), (14, "2023-11-13")],
)  # fmt: skip
def test_a_cell_that_shows_less_than_a_day_is_read_as_it_is_shown(number_format, text):
    value = datetime(2023, 11, 13)
    found = reader.read_table(workbook(value, number_format))
    assert next(found.rows()).cells == ["示例厂", text]


def test_a_text_is_read_as_it_is_whatever_its_format():
    found = reader.read_table(workbook("2023-11-13", "yyyy"))
    assert next(found.rows()).cells[1] == "2023-11-13"


def test_a_workbook_without_formats_is_read():
    data = files.rezipped(files.xlsx(["单位名称", "类别"], ["示例厂", "企业"]), styles=STYLES)
    assert reader.read_table(data).row_count == 1


STYLES = '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
