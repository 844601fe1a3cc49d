"""Reads one file in a process of its own: `python -m directory.importing.readers FILE [SHEET]`.

It limits its own memory and time, then writes lines of JSON: what the file is, then its rows as
[number, cells, columns of formulas if any, reason to pass it over], then {"end": …}, or
{"refused": …} and nothing after it.
"""

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from directory.importing.readers import csv_text, file_types, limits, workbook
from directory.importing.readers import table as tables
from directory.importing.readers.limits import Unreadable


def lines(data: bytes, sheet: str = "") -> Iterator[object]:
    """What there is to say of the file, or of that sheet, piece by piece; raises Unreadable."""
    if not data:
        raise Unreadable("empty")
    if len(data) > limits.FILE:
        raise Unreadable("large", most=limits.FILE // limits.MEGABYTE)
    file_types.refuse(data)
    told, table = _workbook(data, sheet) if is_workbook(data) else _text(data, sheet)
    told |= {
        "header_row": table.header_row,
        "headings": table.headings,
        "mapping": table.mapping,
    }
    yield told
    kept = last = 0
    for number, cells, reason in table.rows():
        last = number
        kept += not reason
        shown = [next((c.strip() for c in cells if c.strip()), "")[: tables.SHOWN]]
        valued = [] if reason else table.valued.get(number, [])
        yield [number, shown if reason else cells, *([valued] if valued else []), reason]
    if not kept:
        raise Unreadable("rowless", row=table.header_row)
    yield {"end": last, "rows": kept}


def is_workbook(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", workbook.OLE))


def _text(data: bytes, sheet: str = "") -> tuple[dict, tables.Table]:
    if sheet:
        raise Unreadable("no-sheet", sheet=sheet)
    encoding, separator, rows = csv_text.table(data)
    told = {"encoding": encoding, "separator": separator, "sheet": "", "left_out": []}
    return told, tables.require(tables.found(rows))


def _workbook(data: bytes, sheet: str = "") -> tuple[dict, tables.Table]:
    book = workbook.Workbook(data)
    if sheet and sheet not in dict(book.titles):
        raise Unreadable("no-sheet", sheet=sheet)
    name, table, left = _chosen(book, sheet) if sheet else _best(book)
    tables.require(table).valued = book.valued.get(name, {})
    told = {"encoding": book.kind, "separator": "", "sheet": name, "left_out": left}
    return told, table


def _chosen(book: workbook.Workbook, name: str) -> tuple[str, tables.Table | None, list[str]]:
    sheet = book.sheet(name)
    left = [each for each, _visible in book.titles if each != name and book.holds(each)]
    return name, tables.found(sheet.rows, sheet.spanned), left


def _best(book: workbook.Workbook) -> tuple[str, tables.Table | None, list[str]]:
    """The sheet with a list that everybody sees and whose headings say most; and the others."""
    best, filled = ((), "", None), []
    for name, visible in book.titles:
        sheet = book.sheet(name, visible)
        if sheet.empty:
            continue
        filled.append(name)
        table = tables.found(sheet.rows, sheet.spanned)
        rank = (not table.bare, visible, table.score) if table else ()
        if rank > best[0]:
            best = rank, name, table
    if not filled:
        raise Unreadable("sheetless")
    _rank, name, table = best
    return name, table, [each for each in filled if each != name]


def confine() -> None:
    """No more memory and processor time than a list can need."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SECONDS, limits.SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, sheet: str = "") -> None:
    confine()
    write = sys.stdout.write
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    try:
        for line in lines(Path(path).read_bytes(), sheet):
            write(encode(line) + "\n")
    except Unreadable as refusal:
        write(encode({"refused": refusal.code, "params": refusal.params}) + "\n")
    except (MemoryError, RecursionError):
        write(encode({"refused": "heavy", "params": {}}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="\n")
    main(*sys.argv[1:3])
