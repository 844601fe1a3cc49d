"""Files of members: their columns, the separator within a cell, and escaping of formulas.

What is written can be read in again: `unescape_formula` undoes exactly what `escape_formula` did.
"""

import unicodedata
from collections.abc import Iterable

# Between several values of one cell.
SEPARATOR = "; "
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
FORMULA_STARTS = "=+-@\t\r"


def escape_formula(cell: str) -> str:
    """Return the cell, with an apostrophe in front if a spreadsheet would run it as a formula."""
    first = unicodedata.normalize("NFKC", cell.lstrip(" \u3000\u00a0\n")[:1])
    is_formula = cell[:1] == "'" or (first and first in FORMULA_STARTS)
    return f"'{cell}" if is_formula else cell


def escape_row(row: Iterable[str]) -> list[str]:
    """Escape each cell of a row; nearly all begin with a letter or digit and need nothing."""
    return [cell if not cell or cell[0].isalnum() else escape_formula(cell) for cell in row]


def unescape_formula(cell: str) -> str:
    """Remove the apostrophe that `escape_formula` put in front; any other stays."""
    return cell[1:] if cell[:1] == "'" and escape_formula(cell[1:]) == cell else cell
