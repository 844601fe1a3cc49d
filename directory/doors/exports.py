"""The list as a file: every row of it, in its order, harmless in a spreadsheet."""

import codecs
import csv
import unicodedata
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice

from directory.asking import rows
from directory.asking.listing import Listing

DANGEROUS = "=+-@\t\r"
AT_ONCE = 500


def disarm(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would run it as a formula."""
    first = cell[:1]
    if first.isalnum() or not first:
        return cell
    first = unicodedata.normalize("NFKC", cell.lstrip(" \u3000\u00a0\n")[:1])
    armed = cell[:1] == "'" or (first and first in DANGEROUS)
    return f"'{cell}" if armed else cell


def csv_lines(lines: Iterable[list[str]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark, so that every spreadsheet reads the characters."""
    yield codecs.BOM_UTF8
    todo, buffer = iter(lines), StringIO()
    writer = csv.writer(buffer)
    while batch := list(islice(todo, AT_ONCE)):
        writer.writerows([disarm(cell) for cell in line] for line in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def members_csv(listing: Listing) -> Iterator[bytes]:
    return csv_lines(chain([list(rows.COLUMNS)], listing.rows()))
