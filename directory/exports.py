"""The list as a file: every row of it, in its order, harmless in a spreadsheet."""

import codecs
import csv
import unicodedata
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain

from directory import records
from directory.listing import Listing

DANGEROUS = "=+-@\t\r"


def disarm(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would run it as a formula."""
    first = unicodedata.normalize("NFKC", cell.lstrip(" \u3000\u00a0\n")[:1])
    armed = cell[:1] == "'" or (first and first in DANGEROUS)
    return f"'{cell}" if armed else cell


def csv_lines(rows: Iterable[list[str]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark, so that every spreadsheet reads the characters."""
    yield codecs.BOM_UTF8
    buffer = StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([disarm(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def members_csv(listing: Listing) -> Iterator[bytes]:
    rows = (records.row_of(record) for record in listing.all())
    return csv_lines(chain([list(records.COLUMNS)], rows))
