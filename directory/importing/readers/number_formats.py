"""Find the number formats of an XLSX workbook by which a cell shows less than a day.

A cell that shows 2023年11月 holds the first of November: whoever typed it never said which day.
"""

import re
from datetime import date, datetime, timedelta
from xml.parsers import expat

from directory.importing.readers.limits import UnreadableFile

MAX_STYLES = 65_536  # more than Excel stores
EPOCH = datetime(1899, 12, 30)
# What a format says literally, its colours and conditions, and the letters of a half of the day.
LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|am/pm|a/p', re.I)
ELAPSED = re.compile(r"\[([hms]+)\]", re.I)
NUMBER_SIGNS = re.compile("[0#?]")
MINUTES = re.compile(r"h[^a-z]*m+|m+[^a-z]*s", re.I)
# The formats without a code in the file that show no day, or no year, in Chinese workbooks.
BUILT_IN_FORMATS = (
    dict.fromkeys((17, 27, 36, 50, 52, 57), "year month")
    | dict.fromkeys((16, 28, 29, 51, 53, 54, 58), "month day")
)  # fmt: skip
TEMPLATES = {
    "year": "{0.year}",
    "year month": "{0.year}年{0.month}月",
    "month": "{0.month}月",
    "month day": "{0.month}月{0.day}日",
    "day": "{0.day}日",
}


def find_shown_parts(code: str) -> str:
    """Return the parts of a date that a format shows (a key of TEMPLATES), "" for all or none."""
    plain = LITERALS.sub("", ELAPSED.sub(r"\1", code.split(";")[0])).lower()
    if plain.strip() == "general" or NUMBER_SIGNS.search(plain):
        return ""
    plain = MINUTES.sub("", plain)
    days = [run for run in re.findall("d+", plain) if len(run) < 3]  # ddd is a day of the week
    shown = {"year": re.search("[yeg]", plain), "month": "m" in plain, "day": days}
    parts = " ".join(part for part, found in shown.items() if found)
    return parts if parts in TEMPLATES else ""


def format_shown_parts(value: object, parts: str) -> str:
    """Return a day, or the number of one, as it is shown; "" if the value is neither."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2_958_466:
        value = EPOCH + timedelta(days=int(value))
    return TEMPLATES[parts].format(value) if isinstance(value, date) else ""


class StyleScan:
    """Scan styles.xml; `shown_parts` then holds, by the number of a style, what it shows.

    Only the styles are listed that show some parts of a day, but not all.
    """

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.format_ids: list[str] = []
        self.is_inside = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element: a number format, or the style of a cell."""
        tag = name.rpartition(":")[2]
        if tag == "cellXfs":
            self.is_inside = True
        elif tag == "xf" and self.is_inside:
            self.format_ids.append(attributes.get("numFmtId", ""))
        elif tag == "numFmt" and "numFmtId" in attributes:
            self.codes.setdefault(attributes["numFmtId"], attributes.get("formatCode", "")[:255])
        if len(self.format_ids) > MAX_STYLES or len(self.codes) > MAX_STYLES:
            raise UnreadableFile("bomb")

    def end(self, name: str) -> None:
        """Handle the end of an element: the styles of cells end."""
        self.is_inside = self.is_inside and name.rpartition(":")[2] != "cellXfs"

    @property
    def shown_parts(self) -> dict[str, str]:
        """By the number of a style as a cell writes it, the parts of a day that it shows."""
        built_in = {str(number): parts for number, parts in BUILT_IN_FORMATS.items()}
        parts_by_id = built_in | {key: find_shown_parts(code) for key, code in self.codes.items()}
        shown = {str(at): parts_by_id.get(key, "") for at, key in enumerate(self.format_ids)}
        return {style: parts for style, parts in shown.items() if parts}


def refuse_doctype(*_args: object) -> None:
    """Raise UnreadableFile: a document type in a workbook is only ever an attack."""
    raise UnreadableFile("bomb")
