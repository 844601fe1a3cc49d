"""Files as offices send them, made on the spot: workbooks new and old, and archives with malice."""

import struct
import zipfile
from io import BytesIO

import xlsxwriter

HEADINGS = ["单位名称", "类别", "所在地"]
ROW = ["示例纺织有限公司", "企业", "示例市"]


def csv(*rows: list[str], separator=",", encoding="utf-8") -> bytes:
    return "\r\n".join(separator.join(row) for row in rows).encode(encoding)


def xlsx(
    *rows: list, sheet="成员", merged=(), more=None, hidden=(), folded=(), day_format="yyyy-mm-dd"
) -> bytes:
    """A workbook of one sheet; `merged` holds ranges, `more` further sheets by their names.

    Of the sheets those `hidden` are, and of the rows those `folded`, counted from 0.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        day = book.add_format({"num_format": day_format})
        for name, lines in {sheet: rows, **(more or {})}.items():
            page = book.add_worksheet(name)
            if name in hidden:
                page.hide()
            for number, cells in enumerate(lines):
                page.set_row(number, None, None, {"hidden": number in folded})
                for column, cell in enumerate(cells):
                    write(page, number, column, cell, day)
            for each in merged if name == sheet else ():
                page.merge_range(each, rows[int(each[1]) - 1][ord(each[0]) - ord("A")])
    return buffer.getvalue()


def write(page, number: int, column: int, cell: object, day) -> None:
    if hasattr(cell, "year"):
        page.write_datetime(number, column, cell, day)
    elif isinstance(cell, str) and cell.startswith("="):
        page.write_formula(number, column, cell, None, "42")
    elif isinstance(cell, str):
        page.write_string(number, column, cell)
    elif cell is not None:
        page.write(number, column, cell)


def rezipped(data: bytes, **changed: str | bytes) -> bytes:
    """The workbook with the sheet's XML, or another part, replaced."""
    parts = {"sheet": "xl/worksheets/sheet1.xml", "workbook": "xl/workbook.xml"}
    parts |= {"styles": "xl/styles.xml"}
    new = {parts[name]: text for name, text in changed.items()}
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in old.namelist():
            archive.writestr(name, new.get(name, old.read(name)))
    return buffer.getvalue()


def archive(*names: str) -> bytes:
    """An archive of members with nothing in them."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "")
    return buffer.getvalue()


def sheet_xml(cells: str) -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'


def far_cell(reference="XFD1048576") -> bytes:
    """A workbook of two kilobytes with one cell at the far end of its sheet."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'
    return rezipped(xlsx(HEADINGS), sheet=sheet_xml(cell))


def bomb(megabytes: int) -> bytes:
    """A workbook whose sheet is nearly nothing packed, and unpacks to this much."""
    return rezipped(xlsx(HEADINGS), sheet=sheet_xml(" " * (megabytes << 20)))


# -- The old binary form: BIFF8 in a compound file ---------------------------


def xls(*rows: list, merged=()) -> bytes:
    """An old workbook; `merged` holds (row, last row, column, last column) from 0."""
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(cell, str) and cell.startswith("="):
                sheet += record(0x0006, place + struct.pack("<dHIH", 42, 0, 0, 3) + b"\x1e\x2a\0")
            elif isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                sheet += record(0x0204, place + text)
            elif cell is not None:
                sheet += record(0x0203, place + struct.pack("<d", cell))
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *each) for each in merged)
        sheet += record(0x00E5, struct.pack("<H", len(merged)) + ranges)
    sheet += record(0x000A, b"")
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = "名单".encode("utf-16-le")
    at = len(start) + 4 + 8 + len(name) + 4
    bound = record(0x0085, struct.pack("<IHBB", at, 0, 2, 1) + name)
    return compound("Workbook", start + bound + record(0x000A, b"") + sheet)


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def compound(name: str, stream: bytes) -> bytes:
    """A compound file that holds one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    links = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    assert len(links) <= 128, "one sector of links is enough for a test"
    links += [0xFFFFFFFF] * (128 - len(links))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    entries = entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + entry(name, 2, 2, len(stream))
    return header + struct.pack("<128I", *links) + entries.ljust(512, b"\0") + stream


def entry(name: str, kind: int, start: int, size: int, child=0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    links = struct.pack("<HBBIII", len(text), kind, 1, none, none, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
