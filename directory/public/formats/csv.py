"""CSV files: every row of a listing, in its order, with formulas escaped."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice

from directory.listing.listing import Listing
from directory.tabular import COLUMNS, escape_row

BATCH_SIZE = 500


def iter_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Encode rows in chunks; a byte-order mark makes every spreadsheet read it as UTF-8."""
    yield codecs.BOM_UTF8
    remaining, buffer = iter(rows), StringIO()
    writer = csv.writer(buffer)
    while batch := list(islice(remaining, BATCH_SIZE)):
        writer.writerows(map(escape_row, batch))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def iter_members_csv(listing: Listing) -> Iterator[bytes]:
    return iter_csv(chain([list(COLUMNS)], listing.rows()))
