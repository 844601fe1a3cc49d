"""Read the sheets of a workbook with calamine: cells as text, merged cells filled down.

A cell with a formula is read as the text of the formula; in an XLS file, where calamine gives the
last value only, the cell is listed in `computed_columns`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from directory.importing.readers import (
    file_types,
    limits,
    number_formats,
    xls_formulas,
    xlsx_inspect,
)
from directory.importing.readers.csv_text import CONTROL_CHARACTERS
from directory.importing.readers.limits import UnreadableFile

ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_EXACT_NUMBER = 1e15  # of a number a spreadsheet keeps fifteen digits
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
Result = TypeVar("Result")
# By row the columns that a merged cell spans downwards: true where its value stands.
FillDown = dict[int, dict[int, bool]]


@dataclass
class WorkbookSheet:
    """One sheet: its rows from the first, and the numbers of those that one merged cell spans."""

    name: str
    rows: Iterator[tuple[int, list[str]]]
    visible: bool = True
    spanned_rows: set[int] = field(default_factory=set)
    is_empty: bool = False


class Workbook:
    """An XLSX or XLS workbook; raises UnreadableFile if it is damaged or beyond the limits.

    `sheets` holds the name of each worksheet and whether it is visible; `computed_columns`, by
    sheet and row, the columns of computed cells in an XLS file and limits.HIDDEN_ROW for a hidden
    row of an XLSX file.
    """

    def __init__(self, data: bytes):
        self.kind = "XLSX" if data.startswith(ZIP_SIGNATURE) else "XLS"
        self.scans: dict[str, xlsx_inspect.SheetScan] = {}
        if self.kind == "XLSX":
            self.scans = xlsx_inspect.inspect_workbook(data)
        elif ENCRYPTED in data:
            raise UnreadableFile("password")
        else:
            file_types.refuse_word_document(data)
        self.book = call_calamine(lambda: CalamineWorkbook.from_filelike(BytesIO(data)))
        metadata = self.book.sheets_metadata[: limits.SHEETS]
        formulas = xls_formulas.find_formulas(data) if self.kind == "XLS" else []
        self.computed_columns = {
            sheet.name: columns
            for sheet, columns in zip(metadata, formulas, strict=False)
            if columns
        }
        for name, scan in self.scans.items():
            self.computed_columns[name] = {row: [limits.HIDDEN_ROW] for row in scan.hidden_rows}
        self.sheets = [
            (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in metadata
            if sheet.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
        ]

    def has_cells(self, name: str) -> bool:
        """Whether the sheet has anything in it."""
        return call_calamine(lambda: self.book.get_sheet_by_name(name)).start is not None

    def get_sheet(self, name: str, visible: bool = True) -> WorkbookSheet:
        """Return the sheet of this name; raises UnreadableFile if it is too large."""
        source = call_calamine(lambda: self.book.get_sheet_by_name(name))
        height, width = (last + 1 for last in source.end or (-1, -1))
        if height > limits.ROWS:
            raise UnreadableFile("rows", found=height, most=limits.ROWS)
        if width > limits.COLUMNS:
            raise UnreadableFile("columns", found=width, most=limits.COLUMNS)
        if height * width > limits.CELLS:
            raise UnreadableFile("cells", most=limits.CELLS)
        fill_down, spanned_rows = find_merged_cells(source, height, width)
        scan = self.scans.get(name) or xlsx_inspect.SheetScan()
        rows = self._iter_rows(source, fill_down, scan)
        return WorkbookSheet(name, rows, visible, spanned_rows, is_empty=source.start is None)

    def _iter_rows(
        self, source: CalamineSheet, fill_down: FillDown, scan: xlsx_inspect.SheetScan
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield number from 1 and cells of each row, merged cells and formulas filled in."""
        if source.start is None:
            return
        merged_values: dict[int, str] = {}
        formulas_by_row = group_by_row(scan.formulas)
        values: list = call_calamine(lambda: source.to_python(skip_empty_area=False))
        for index, cells in enumerate(values):
            texts = [format_cell(cell) for cell in cells]
            for column, parts in scan.partial_days.get(index, {}).items():
                if column < len(texts):
                    shown = number_formats.format_shown_parts(cells[column], parts)
                    texts[column] = shown or texts[column]
            for column, formula in formulas_by_row.get(index, {}).items():
                if column < len(texts):
                    texts[column] = formula
            for column, is_first in fill_down.get(index, {}).items():
                if is_first:
                    merged_values[column] = texts[column]
                elif not texts[column]:
                    texts[column] = merged_values.get(column, "")
            if any(len(text) > limits.CELL_LENGTH for text in texts):
                raise UnreadableFile("cell", row=index + 1, most=limits.CELL_LENGTH)
            values[index] = None  # so that the sheet is held only once
            yield index + 1, texts


def group_by_row(formulas: xlsx_inspect.Formulas) -> dict[int, dict[int, str]]:
    """Return the formulas of each row by column."""
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), formula in formulas.items():
        by_row.setdefault(row, {})[column] = formula
    return by_row


def find_merged_cells(sheet: CalamineSheet, height: int, width: int) -> tuple[FillDown, set[int]]:
    """Return the columns to fill down, by row, and the numbers of rows spanned by a merged cell.

    A block of several columns is filled down in its first.
    """
    fill_down: FillDown = {}
    spanned_rows: set[int] = set()
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[: limits.ROWS]:
        rows = range(top, min(bottom + 1, height))
        if (left == right or top < bottom) and left < width:
            for row in rows:
                fill_down.setdefault(row, {})[left] = row == top
        if right - left >= max(1, width // 2 - 1):
            spanned_rows.update(row + 1 for row in rows)
    return fill_down, spanned_rows


def call_calamine(read: Callable[[], Result]) -> Result:
    """Return the result of a call of calamine; any failure of it is raised as UnreadableFile."""
    try:
        return read()
    except PasswordError as error:
        raise UnreadableFile("password") from error
    except MemoryError as error:
        raise UnreadableFile("heavy") from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except (CalamineError, Exception) as error:
        raise UnreadableFile("broken") from error
    except BaseException as error:  # a panic in calamine's Rust code is no Exception
        raise UnreadableFile("broken") from error


def format_cell(value: object) -> str:
    """Return a cell value as the text that somebody would have typed."""
    if isinstance(value, str):
        return value if value.isprintable() else CONTROL_CHARACTERS.sub("", value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int) and abs(value) >= MAX_EXACT_NUMBER:
        return f"{value:.14e}"  # in scientific notation, so that the lost digits are noticed
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
