"""A table of text: in which encoding, separated by what, and its rows."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from directory.importing.readers import headings, limits
from directory.importing.readers.limits import Unreadable

Rows = Iterator[tuple[int, list[str]]]
SEPARATORS = ",\t;"
PIECES = re.compile(rb"[^,;\t\"\r\n]+")
UTF8_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf][\x80-\xbf]")
MARKUP = re.compile(
    r"\s*(?:<(?:!doctype|!--|html|head|meta|body|table|\?xml|div|script|style|xml)|MIME-Version:)",
    re.I,
)
MOST_CONTROL = 0.01  # of all characters; above that it is no text
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    for mark, encoding in ((b"\xff\xfe", "UTF-16LE"), (b"\xfe\xff", "UTF-16BE")):
        if data.startswith(mark):
            return _strictly(data[2:], encoding), "UTF-16"
    if b"\0" in data:
        raise Unreadable("nul")
    marked = data.startswith(b"\xef\xbb\xbf")
    data = data[3:] if marked else data
    try:
        return data.decode("utf-8"), "UTF-8-BOM" if marked else "UTF-8"
    except UnicodeDecodeError:
        _unmix(data)
        return _strictly(data, "GB18030"), "GB18030"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("unknown") from error
    if "\0" in text:
        raise Unreadable("nul")
    return text


def _unmix(data: bytes) -> None:
    """Refuse a file that is UTF-8 in one cell and GB18030 in another."""
    first = {"UTF-8": None, "GB18030": None}
    count = dict.fromkeys(first, 0)
    for match in PIECES.finditer(data):
        piece = match.group()
        if piece.isascii():
            continue
        found = _encoding(piece)
        if found in count:
            count[found] += 1
            first[found] = match.start() if first[found] is None else first[found]
    if all(count.values()):
        most, least = sorted(count, key=count.get, reverse=True)
        row = data.count(b"\n", 0, first[least]) + 1
        raise Unreadable("mixed", first=most, second=least, row=row)


def _encoding(piece: bytes) -> str:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8" if UTF8_HAN.search(piece) else ""


def table(data: bytes) -> tuple[str, str, Rows]:
    """The encoding, the separator and the rows of a table of text."""
    text, encoding = decode(data)
    if not text.strip("\ufeff \t\r\n,;"):
        raise Unreadable("empty")
    if MARKUP.match(text):
        raise Unreadable("page")
    text = _without_control(text)
    separator = _separator(text)
    return encoding, separator, records(text, separator)


def _without_control(text: str) -> str:
    """The text without the few control characters that slip in where somebody pastes."""
    if not CONTROL.search(text):
        return text
    kept = CONTROL.sub("", text)
    if len(text) - len(kept) > MOST_CONTROL * len(text):
        raise Unreadable("unknown")
    return kept


def _separator(text: str) -> str:
    """The one under which some row names the most columns; else the most frequent."""
    scores = []
    for separator in SEPARATORS:
        reader = csv.reader(StringIO(text[:200_000], newline=""), delimiter=separator)
        best = (0, 0)
        try:
            for _number, row in zip(range(headings.SEARCHED), reader, strict=False):
                best = max(best, (headings.score(row), len(row)))
        except csv.Error:
            pass
        scores.append(best)
    return SEPARATORS[scores.index(max(scores))]


def records(text: str, separator: str) -> Rows:
    """Each record with its number as a spreadsheet counts it."""
    csv.field_size_limit(limits.CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = cells = 0
    try:
        for number, row in enumerate(reader, 1):
            if number > limits.ROWS:
                raise Unreadable("rows", found=number, most=limits.ROWS)
            if len(row) > limits.COLUMNS:
                raise Unreadable("columns", found=len(row), most=limits.COLUMNS)
            cells += len(row)
            if cells > limits.CELLS:
                raise Unreadable("cells", most=limits.CELLS)
            yield number, row
    except csv.Error as error:
        if "field larger" in str(error):
            raise Unreadable("cell", row=number + 1, most=limits.CELL) from error
        raise Unreadable("quote", row=number + 1) from error
