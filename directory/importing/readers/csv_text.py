"""Read delimited text: detect the encoding and the separator, and parse the rows."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from directory.importing.readers import headings, limits
from directory.importing.readers.limits import UnreadableFile

Rows = Iterator[tuple[int, list[str]]]
SEPARATORS = ",\t;"
CELL_BYTES = re.compile(rb"[^,;\t\"\r\n]+")
UTF8_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf][\x80-\xbf]")
MARKUP = re.compile(
    r"\s*(?:<(?:!doctype|!--|html|head|meta|body|table|\?xml|div|script|style|xml)|MIME-Version:)",
    re.I,
)
MAX_CONTROL_SHARE = 0.01  # of all characters; above that it is no text
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    for mark, encoding in ((b"\xff\xfe", "UTF-16LE"), (b"\xfe\xff", "UTF-16BE")):
        if data.startswith(mark):
            return _decode_strictly(data[2:], encoding), "UTF-16"
    if b"\0" in data:
        raise UnreadableFile("nul")
    has_bom = data.startswith(b"\xef\xbb\xbf")
    data = data[3:] if has_bom else data
    try:
        return data.decode("utf-8"), "UTF-8-BOM" if has_bom else "UTF-8"
    except UnicodeDecodeError:
        _refuse_mixed_encodings(data)
        return _decode_strictly(data, "GB18030"), "GB18030"


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile("unknown") from error
    if "\0" in text:
        raise UnreadableFile("nul")
    return text


def _refuse_mixed_encodings(data: bytes) -> None:
    """Raise UnreadableFile if some cells are UTF-8 and others GB18030."""
    first: dict[str, int] = {}
    count = {"UTF-8": 0, "GB18030": 0}
    for match in CELL_BYTES.finditer(data):
        if match.group().isascii():
            continue
        encoding = _detect_encoding(match.group())
        if encoding in count:
            count[encoding] += 1
            first.setdefault(encoding, match.start())
    if all(count.values()):
        most, least = sorted(count, key=lambda encoding: count[encoding], reverse=True)
        row = data.count(b"\n", 0, first[least]) + 1
        raise UnreadableFile("mixed", first=most, second=least, row=row)


def _detect_encoding(cell: bytes) -> str:
    """Return the encoding of one cell, or "" where UTF-8 decodes it to no Han character."""
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8" if UTF8_HAN.search(cell) else ""


def read_csv(data: bytes) -> tuple[str, str, Rows]:
    """Return the encoding, the separator and the rows of delimited text."""
    text, encoding = decode(data)
    if not text.strip("\ufeff \t\r\n,;"):
        raise UnreadableFile("empty")
    if MARKUP.match(text):
        raise UnreadableFile("page")
    text = _strip_control_characters(text)
    separator = _detect_separator(text)
    return encoding, separator, iter_records(text, separator)


def _strip_control_characters(text: str) -> str:
    """Drop the few control characters that slip in where somebody pastes; refuse many."""
    if not CONTROL_CHARACTERS.search(text):
        return text
    stripped = CONTROL_CHARACTERS.sub("", text)
    if len(text) - len(stripped) > MAX_CONTROL_SHARE * len(text):
        raise UnreadableFile("unknown")
    return stripped


def _detect_separator(text: str) -> str:
    """Return the separator whose best row has the most headings, else the most cells."""
    scores = []
    for separator in SEPARATORS:
        reader = csv.reader(StringIO(text[:200_000], newline=""), delimiter=separator)
        best = (0, 0)
        try:
            for _number, row in zip(range(headings.HEADER_SEARCH_ROWS), reader, strict=False):
                best = max(best, (headings.score_header_row(row), len(row)))
        except csv.Error:
            pass
        scores.append(best)
    return SEPARATORS[scores.index(max(scores))]


def iter_records(text: str, separator: str) -> Rows:
    """Yield each record with its number from 1, as a spreadsheet counts rows."""
    csv.field_size_limit(limits.CELL_LENGTH)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = cells = 0
    try:
        for number, row in enumerate(reader, 1):
            if number > limits.ROWS:
                raise UnreadableFile("rows", found=number, most=limits.ROWS)
            if len(row) > limits.COLUMNS:
                raise UnreadableFile("columns", found=len(row), most=limits.COLUMNS)
            cells += len(row)
            if cells > limits.CELLS:
                raise UnreadableFile("cells", most=limits.CELLS)
            yield number, row
    except csv.Error as error:
        if "field larger" in str(error):
            raise UnreadableFile("cell", row=number + 1, most=limits.CELL_LENGTH) from error
        raise UnreadableFile("quote", row=number + 1) from error
