"""A workbook's sheets: rows as text, merged cells filled down, formulas as they are written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from directory.importing.readers import file_types, limits, xls_formulas, xlsx_inspect
from directory.importing.readers.csv_text import CONTROL
from directory.importing.readers.limits import Unreadable

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_EXACT = 1e15  # of a number a spreadsheet keeps fifteen digits
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass
class Sheet:
    """One sheet: its rows from the first, and which of them one merged cell spans."""

    name: str
    rows: Iterator[tuple[int, list[str]]]
    visible: bool = True
    spanned: set[int] = field(default_factory=set)
    empty: bool = False


class Workbook:
    def __init__(self, data: bytes):
        self.kind = "XLSX" if data.startswith(ZIP) else "XLS"
        self.told: dict[str, xlsx_inspect.Sheet] = {}
        if self.kind == "XLSX":
            self.told = xlsx_inspect.inspect(data)
        elif ENCRYPTED in data:
            raise Unreadable("password")
        else:
            file_types.refuse_compound(data)
        self.book = guarded(lambda: CalamineWorkbook.from_filelike(BytesIO(data)))
        metadata = self.book.sheets_metadata[: limits.SHEETS]
        valued = xls_formulas.formulas(data) if self.kind == "XLS" else []
        # Where formulas stand whose last values are all that there is; and the hidden rows.
        self.valued = {
            each.name: found for each, found in zip(metadata, valued, strict=False) if found
        }
        for name, told in self.told.items():
            self.valued[name] = {row: [limits.HIDDEN] for row in told.hidden}
        self.titles = [
            (each.name, each.visible == SheetVisibleEnum.Visible)
            for each in metadata
            if each.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
        ]

    def holds(self, name: str) -> bool:
        """Whether the sheet has anything in it."""
        return guarded(lambda: self.book.get_sheet_by_name(name)).start is not None

    def sheet(self, name: str, visible: bool = True) -> Sheet:
        found = guarded(lambda: self.book.get_sheet_by_name(name))
        height, width = (last + 1 for last in found.end or (-1, -1))
        if height > limits.ROWS:
            raise Unreadable("rows", found=height, most=limits.ROWS)
        if width > limits.COLUMNS:
            raise Unreadable("columns", found=width, most=limits.COLUMNS)
        if height * width > limits.CELLS:
            raise Unreadable("cells", most=limits.CELLS)
        down, spanned = merged(found, height, width)
        formulas = self.told[name].formulas if name in self.told else {}
        sheet = Sheet(name, self.rows(found, down, formulas), visible, spanned)
        sheet.empty = found.start is None
        return sheet

    def rows(self, found: CalamineSheet, down: dict, formulas: xlsx_inspect.Formulas):
        if found.start is None:
            return
        kept: dict[int, str] = {}
        by_row: dict[int, dict[int, str]] = {}
        for (row, column), formula in formulas.items():
            by_row.setdefault(row, {})[column] = formula
        values = guarded(lambda: found.to_python(skip_empty_area=False))
        for number, cells in enumerate(values):
            line = [text_of(cell) for cell in cells]
            for column, formula in by_row.get(number, {}).items():
                if column < len(line):
                    line[column] = formula
            for column, first in down.get(number, {}).items():
                if first:
                    kept[column] = line[column]
                elif not line[column]:
                    line[column] = kept.get(column, "")
            if any(len(cell) > limits.CELL for cell in line):
                raise Unreadable("cell", row=number + 1, most=limits.CELL)
            values[number] = None
            yield number + 1, line


def merged(sheet: CalamineSheet, height: int, width: int) -> tuple[dict, set[int]]:
    """The columns to fill down by row (true where the value stands), and the rows spanned.

    A block of several columns is filled down in its first.
    """
    down: dict[int, dict[int, bool]] = {}
    spanned = set()
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[: limits.ROWS]:
        rows = range(top, min(bottom + 1, height))
        if (left == right or top < bottom) and left < width:
            for row in rows:
                down.setdefault(row, {})[left] = row == top
        if right - left >= max(1, width // 2 - 1):
            spanned.update(row + 1 for row in rows)
    return down, spanned


def guarded(read):
    """What the reader says, any of its failures as a refusal."""
    try:
        return read()
    except PasswordError as error:
        raise Unreadable("password") from error
    except MemoryError as error:
        raise Unreadable("heavy") from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except (CalamineError, Exception) as error:
        raise Unreadable("broken") from error
    except BaseException as error:  # a panic of the reader is no Exception
        raise Unreadable("broken") from error


def text_of(value: object) -> str:
    """A cell as the text that somebody would have typed."""
    if isinstance(value, str):
        return value if value.isprintable() else CONTROL.sub("", value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int) and abs(value) >= MOST_EXACT:
        return f"{value:.14e}"  # as what has lost its last digits
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | int):
        return str(value)
    return ""
