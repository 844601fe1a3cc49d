"""A file of members: its columns, how several values stand in a cell, and how a cell is disarmed.

What is written out can be read in again: `rearm` takes back exactly what `disarm` added.
"""

import unicodedata
from collections.abc import Iterable

JOIN = "; "
COLUMNS = (
    "number",
    "name",
    "name_en",
    "kind",
    "roles",
    "communities",
    "since",
    "region",
    "region_name",
    "credit_code",
    "school_code",
    "website",
    "sectors",
    "aliases",
    "description",
    "description_en",
    "verified_on",
)
DANGEROUS = "=+-@\t\r"


def disarm(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would run it as a formula."""
    first = unicodedata.normalize("NFKC", cell.lstrip(" \u3000\u00a0\n")[:1])
    armed = cell[:1] == "'" or (first and first in DANGEROUS)
    return f"'{cell}" if armed else cell


def disarmed(line: Iterable[str]) -> list[str]:
    """A line of cells as each is disarmed; nearly all begin with what is a letter or a digit."""
    return [cell if not cell or cell[0].isalnum() else disarm(cell) for cell in line]


def rearm(cell: str) -> str:
    """The cell without the apostrophe that `disarm` put there; any other stays."""
    return cell[1:] if cell[:1] == "'" and disarm(cell[1:]) == cell else cell
