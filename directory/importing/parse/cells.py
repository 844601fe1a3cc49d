"""One cell as the directory keeps it: names, codes, days and addresses, with what is wrong."""

import re
import unicodedata
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from directory import codes
from directory.importing.parse.messages import Reason
from directory.models import Organization

SPACES = re.compile(r"[\s\u200b-\u200d\ufeff\u3000]+")
BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]{1,2})\Z")
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"))
DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(:\d{2})?)?\Z")
EIGHT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})\Z")
NO_DAY = re.compile(r"\d{4}([-./年]\d{1,2}月?|年)?\Z|(19|20)\d{2}(0[1-9]|1[0-2])\Z")
SERIAL = re.compile(r"[0-9]{4,5}(\.[0-9]+)?\Z")
EPOCH = date(1899, 12, 30)
LENGTHS = {
    field.name: field.max_length
    for field in Organization._meta.concrete_fields
    if getattr(field, "max_length", None) and not field.choices
}
check_site = URLValidator(["http", "https"])


def line(cell: str) -> str:
    """A text of one line without what only lays it out."""
    return BETWEEN_HAN.sub("", SPACES.sub(" ", cell).strip())


def text(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def code(cell: str) -> tuple[str, str]:
    """The code as its standard writes it, and "shortened" where a spreadsheet lost digits."""
    if not cell:
        return "", ""
    tidy = codes.tidy(cell)
    found = SCIENTIFIC.match(tidy)
    if found:
        digits = found[1] + (found[2] or "")
        zeros = int(found[3]) + 1 - len(digits)
        return (tidy, "shortened") if zeros > 0 else (digits[: int(found[3]) + 1], "")
    return re.sub(r"\A([0-9]+)\.0+\Z", r"\1", tidy), ""


def credit_code(cell: str) -> tuple[str, Reason | None]:
    return _checked(cell, "credit_code", codes.check_credit_code)


def school_code(cell: str) -> tuple[str, Reason | None]:
    return _checked(cell, "school_code", codes.check_school_code)


def _checked(cell: str, column: str, check) -> tuple[str, Reason | None]:
    tidy, lost = code(cell)
    if lost:
        return "", Reason("shortened", column, {"cell": cell})
    try:
        check(tidy)
    except ValidationError:
        return "", Reason("code", column, {"cell": cell[:60], "column": column})
    return tidy, None


def day(cell: str, column: str) -> tuple[str, Reason | None]:
    """The day in ISO form: written any usual way, or the serial number of a spreadsheet."""
    plain = SPACES.sub(" ", unicodedata.normalize("NFKC", cell)).strip()
    packed = plain.replace(" ", "") if "年" in plain else plain
    packed = re.sub(r"\.0+\Z", "", packed) if re.match(r"\d{5,8}\.0+\Z", packed) else packed
    if found := DAY.match(packed) or EIGHT.match(packed):
        try:
            return date(*map(int, found.groups()[:3])).isoformat(), None
        except ValueError:
            return "", Reason("date-unknown", column, {"cell": cell[:60]})
    if SERIAL.match(packed) and not NO_DAY.match(packed):
        return (EPOCH + timedelta(days=int(float(packed)))).isoformat(), None
    code_ = "date-not-day" if NO_DAY.match(packed) else "date-unknown"
    return "", Reason(code_, column, {"cell": cell[:60]})


def site(cell: str) -> tuple[str, Reason | None]:
    address = SPACES.sub("", unicodedata.normalize("NFKC", cell))
    address = f"https://{address}" if "://" not in address else address
    try:
        check_site(address)
    except ValidationError:
        return "", Reason("site", "website", {"cell": cell[:60]})
    return address, None


def too_long(column: str, value: str) -> Reason | None:
    most = LENGTHS.get(column)
    if most and len(value) > most:
        return Reason("long", column, {"cell": value[:30], "most": most})
    return None
