"""The list as a file: every row of it, in its order, harmless in a spreadsheet."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice

from directory.listing.listing import Listing
from directory.tabular import COLUMNS, disarmed

AT_ONCE = 500


def csv_lines(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark, so that every spreadsheet reads the characters."""
    yield codecs.BOM_UTF8
    todo, buffer = iter(lines), StringIO()
    writer = csv.writer(buffer)
    while batch := list(islice(todo, AT_ONCE)):
        writer.writerows(map(disarmed, batch))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def members_csv(listing: Listing) -> Iterator[bytes]:
    return csv_lines(chain([list(COLUMNS)], listing.rows()))
