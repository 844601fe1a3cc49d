"""Read one file in a child process: `python -m directory.importing.readers FILE [SHEET]`.

It limits its own memory and time, then writes lines of JSON to standard output: an object that
describes the file; a list for each row, [number, cells, column indexes of computed cells if any,
reason to skip it or ""]; and at last {"last_row": …, "row_count": …} with the columns, which are
known when all rows are. If the file is refused, the last line is {"refused": code, "params": …}.
"""

import json
import resource
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from directory.importing.readers import csv_text, file_types, limits, workbook
from directory.importing.readers import table as tables
from directory.importing.readers.columns import ColumnTally
from directory.importing.readers.limits import UnreadableFile


def iter_output(data: bytes, sheet: str = "") -> Iterator[object]:
    """Yield the description of the file or of that sheet, its rows, and their number.

    Raises UnreadableFile, possibly after some rows.
    """
    _check_bytes(data)
    read = _read_workbook if is_workbook(data) else _read_text
    description, table = read(data, sheet)
    yield description | {"header_row": table.header_row}
    tally = ColumnTally(table.layout)
    row_count = last_row = 0
    for number, cells, reason in table.rows():
        last_row = number
        row_count += not reason
        tally.add(cells, reason)
        start = [summarize_row(cells, reason)]
        computed = [] if reason else table.find_computed_columns(number)
        yield [number, start if reason else cells, *([computed] if computed else []), reason]
    if not row_count:
        raise UnreadableFile("rowless", row=table.header_row)
    yield {"last_row": last_row, "row_count": row_count, **tally.describe()}


def summarize_row(cells: list[str], reason: str) -> str:
    """Return the first cell of a skipped row; all of them if another list is left out."""
    texts = (cell.strip() for cell in cells if cell.strip())
    text = " ".join(texts) if reason == "adjacent" else next(texts, "")
    return text[: tables.SHOWN_LENGTH]


def _check_bytes(data: bytes) -> None:
    """Raise UnreadableFile for a file that is empty, too large, or no table by its type."""
    if not data:
        raise UnreadableFile("empty")
    if len(data) > limits.FILE_SIZE:
        raise UnreadableFile("large", most=limits.FILE_SIZE // limits.MEGABYTE)
    file_types.refuse_other_types(data)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin like a ZIP archive or an OLE compound file."""
    signatures = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", workbook.OLE_SIGNATURE)
    return data.startswith(signatures)


def _read_text(data: bytes, sheet: str = "") -> tuple[dict[str, object], tables.DetectedTable]:
    if sheet:
        raise UnreadableFile("no-sheet", sheet=sheet)
    encoding, separator, rows = csv_text.read_csv(data)
    description: dict[str, object] = {
        "encoding": encoding,
        "separator": separator,
        "sheet": "",
        "other_sheets": [],
    }
    return description, tables.require_table(tables.detect_table(rows))


def _read_workbook(data: bytes, sheet: str = "") -> tuple[dict[str, object], tables.DetectedTable]:
    book = workbook.Workbook(data)
    if sheet and sheet not in dict(book.sheets):
        raise UnreadableFile("no-sheet", sheet=sheet)
    name, detected, others = _read_sheet(book, sheet) if sheet else _find_best_sheet(book)
    table = tables.require_table(detected)
    table.computed_columns = book.computed_columns.get(name, {})
    description: dict[str, object] = {
        "encoding": book.kind,
        "separator": "",
        "sheet": name,
        "other_sheets": others,
    }
    return description, table


def _read_sheet(
    book: workbook.Workbook, name: str
) -> tuple[str, tables.DetectedTable | None, list[str]]:
    """Return the sheet's name, its table, and the names of the other sheets that are not empty."""
    sheet = book.get_sheet(name)
    others = [other for other, _visible in book.sheets if other != name and book.has_cells(other)]
    return name, tables.detect_table(sheet.rows, sheet.spanned_rows), others


def _find_best_sheet(
    book: workbook.Workbook,
) -> tuple[str, tables.DetectedTable | None, list[str]]:
    """Return what _read_sheet does of the best sheet.

    A table with rows is better than one without, then a visible sheet, then the higher score of
    the headings.
    """
    best: tuple[tuple, str, tables.DetectedTable | None] = ((), "", None)
    filled = []
    for name, visible in book.sheets:
        sheet = book.get_sheet(name, visible)
        if sheet.is_empty:
            continue
        filled.append(name)
        table = tables.detect_table(sheet.rows, sheet.spanned_rows)
        rank = (not table.is_empty, visible, table.score) if table else ()
        if rank > best[0]:
            best = rank, name, table
    if not filled:
        raise UnreadableFile("sheetless")
    _rank, name, table = best
    return name, table, [other for other in filled if other != name]


def limit_resources() -> None:
    """Limit this process to the memory and processor time that a list can need."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SECONDS, limits.SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, sheet: str = "") -> None:
    """Write the lines of the file at `path` to standard output; a refusal is a line too."""
    limit_resources()
    write = sys.stdout.write
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    try:
        for line in iter_output(Path(path).read_bytes(), sheet):
            write(encode(line) + "\n")
    except UnreadableFile as refusal:
        write(encode({"refused": refusal.code, "params": refusal.params}) + "\n")
    except (MemoryError, RecursionError):
        write(encode({"refused": "heavy", "params": {}}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    stdout = cast(TextIOWrapper, sys.stdout)
    stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="\n")
    main(*sys.argv[1:3])
