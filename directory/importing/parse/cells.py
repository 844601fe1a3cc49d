"""Parse one cell into the stored form of a text, a code, a date or a web address.

A parser returns the value and None, or "" and the reason why there is no value.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from directory import codes
from directory.importing.parse.messages import Reason
from directory.models import Organization
from directory.partial_dates import UnclearDate, parse_partial_date

WHITESPACE = re.compile(r"[\s\u200b-\u200d\ufeff\u3000]+")
BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]{1,2})\Z")
ERROR_VALUES = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"))
# What stands around a date and adds nothing, by the column: 2023年11月起.
SURROUNDINGS = {
    "since": re.compile(r"\A\s*自|\s*(?:起|开始|開始|至今)\s*\Z"),
    "until": re.compile(r"\A\s*至(?!今)|\s*(?:止|为止|為止)\s*\Z"),
}
ZERO_FRACTION = re.compile(r"(?<=\d{4})\.0+\s*\Z")
SERIAL_NUMBER = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?\Z")
EPOCH = date(1899, 12, 30)
MAX_LENGTHS = {
    field.name: field.max_length
    for field in Organization._meta.concrete_fields
    if getattr(field, "max_length", None) and not field.choices
}
validate_url = URLValidator(["http", "https"])


def normalize_line(cell: str) -> str:
    """Return a text as one line, without spaces between Han characters or repeated ones."""
    return BETWEEN_HAN.sub("", WHITESPACE.sub(" ", cell).strip())


def normalize_text(cell: str) -> str:
    """Return a text of several lines, with Unix line ends."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def parse_code(cell: str) -> tuple[str, str]:
    """Return the code in its standard form, and "shortened" where a spreadsheet lost digits."""
    if not cell:
        return "", ""
    tidy = codes.normalize_code(cell)
    if match := SCIENTIFIC.match(tidy):
        digits, exponent = match[1] + (match[2] or ""), int(match[3])
        is_shortened = len(digits) < exponent + 1
        return (tidy, "shortened") if is_shortened else (digits[: exponent + 1], "")
    return re.sub(r"\A([0-9]+)\.0+\Z", r"\1", tidy), ""


def parse_credit_code(cell: str) -> tuple[str, Reason | None]:
    """Parse a unified social credit code, whose check character must be right."""
    return _parse_checked_code(cell, "credit_code", codes.check_credit_code)


def parse_school_code(cell: str) -> tuple[str, Reason | None]:
    """Parse a ten-digit school code."""
    return _parse_checked_code(cell, "school_code", codes.check_school_code)


def _parse_checked_code(
    cell: str, column: str, check: Callable[[str], object]
) -> tuple[str, Reason | None]:
    tidy, problem = parse_code(cell)
    if problem:
        return "", Reason("shortened", column, {"cell": cell})
    try:
        check(tidy)
    except ValidationError:
        return "", Reason("code", column, {"cell": cell[:60], "column": column})
    return tidy, None


def parse_date(cell: str, column: str) -> tuple[str, Reason | None]:
    """Parse a day, month or year, in any spelling or as a spreadsheet's serial number.

    Returns it in ISO form: 2023-11-13, 2023-11 or 2023.
    """
    plain = SURROUNDINGS[column].sub("", cell) if column in SURROUNDINGS else cell
    try:
        return str(parse_partial_date(ZERO_FRACTION.sub("", plain))), None
    except UnclearDate:
        if SERIAL_NUMBER.match(plain.strip()):
            return (EPOCH + timedelta(days=int(float(plain)))).isoformat(), None
        return "", Reason("date-unknown", column, {"cell": plain[:60]})


def parse_website(cell: str) -> tuple[str, Reason | None]:
    """Parse a web address; https:// is added where no scheme is given."""
    address = WHITESPACE.sub("", unicodedata.normalize("NFKC", cell))
    address = f"https://{address}" if "://" not in address else address
    try:
        validate_url(address)
    except ValidationError:
        return "", Reason("site", "website", {"cell": cell[:60]})
    return address, None


def check_length(column: str, value: str) -> Reason | None:
    """Return the reason "long" if the value does not fit the field of its column, else None."""
    most = MAX_LENGTHS.get(column)
    if most and len(value) > most:
        return Reason("long", column, {"cell": value[:30], "most": most})
    return None
