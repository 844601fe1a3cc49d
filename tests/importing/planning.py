"""Plans of imports made from cells, for the tests."""

import csv
from io import StringIO

from directory.importing import service as import_service
from directory.importing.plan import planner
from directory.importing.readers import reader
from directory.models import Import, ImportRow
from tests import spreadsheets as files

# The options of an import whose list becomes a source.
AS_SOURCE = {
    "source": "file",
    "list_source": {"title": "示例名单", "publisher": "示例办公室", "dated": "2024-05-06"},
}
# A credit code whose check character is right.
GOOD = "91110000600037341L"


def plan(headings: list[str], *rows: list[str], **options) -> list[ImportRow]:
    found = reader.read_table(files.csv(headings, *rows))
    return list(planner.Planner(found.mapping, options).plan(found.rows()))


def one(name="示例纺织有限公司", headings=(), **options) -> ImportRow:
    """The plan of one row: headings and cells by pairs."""
    named = ["单位名称", *[heading for heading, _cell in headings]]
    return plan(named, [name, *[cell for _heading, cell in headings]], **options)[0]


def codes(row: ImportRow) -> list[str]:
    return [code for code, _column, _params in row.reasons]


def planned(data: bytes, **options) -> Import:
    of = import_service.create_import("示例.csv", data, None, options)
    import_service.plan_import(of)
    return of


def edited(data: bytes, **cells: str) -> bytes:
    """The exported file with these cells of its first row changed."""
    rows = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    for column, cell in cells.items():
        rows[1][rows[0].index(column)] = cell
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()
