"""Dates known to the day, the month or the year, and the reader of every usual spelling of them.

One rule for every door: forms, imports, addresses of pages, commands and fixtures read a date with
`parse_partial_date`. What could mean two days is refused with both instead of taken for one.
"""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1900, 2100
WHITESPACE = re.compile(r"\s+")
DASHES = re.compile("[\u2010-\u2015\u2212]")
HAN_NUMBER = re.compile("[〇零○一二三四五六七八九十廿卅]+(?=[年月日号號])")
HAN_DIGITS = {digit: n for n, digit in enumerate("一二三四五六七八九", 1)}
HAN_DIGITS |= dict.fromkeys("〇零○", 0)
HAN_TENS = {"廿": "二十", "卅": "三十"}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
# A weekday adds nothing; a time of day neither, unless it is that of another time zone.
WEEKDAY = re.compile(rf"\(?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]\)?|\b{DAY_NAME}(?!\w),?")
TIME = re.compile(
    r"[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[ap]m)?(?: ?(?:\+08:?00|\+08|utc\+8|cst))?\Z"
)
YEAR_FIRST = re.compile(r"(\d{4})([-./年])(?:(\d{1,2})(?:([-./月])(?:(\d{1,2})[日号號]?)?)?)?\Z")
DIGITS = re.compile(r"(\d{4})(\d{2})?(\d{2})?\Z")
YEAR_LAST = re.compile(r"(?:(\d{1,2})[-./])?(\d{1,2})[-./](\d{4})\Z")
DAY_AND_NAME = re.compile(
    rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -])?{MONTH_NAME},?[ -](\d{{4}})\Z"
)
NAME_AND_DAY = re.compile(rf"{MONTH_NAME} (\d{{1,2}})(?:st|nd|rd|th)?(?:, ?| )(\d{{4}})\Z")
ROC_YEAR = re.compile(r"\A(?:民国|民國)(\d{1,3})年")


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


# How many characters of a date in ISO 8601 say it.
ISO_LENGTHS: dict[str, int] = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}


class UnclearDate(ValueError):  # noqa: N818 - a refusal, not a fault
    """A text that is no date of 1900 to 2100, or could be several.

    `code`: "unknown", "impossible" (no such day), "ambiguous" or "range"; `meanings`: the dates it
    could be, if it is ambiguous.
    """

    def __init__(self, code: str, meanings: tuple["PartialDate", ...] = ()):
        super().__init__(code)
        self.code, self.meanings = code, meanings


class PartialDate(NamedTuple):
    """A day, month or year; `day` is the first day of the period."""

    day: date
    precision: Precision = Precision.DAY

    def __str__(self) -> str:
        return self.isoformat()

    def isoformat(self) -> str:
        """Return it in ISO 8601: 2023-11-13, 2023-11 or 2023."""
        return self.day.isoformat()[: ISO_LENGTHS[self.precision]]

    def says_less_than(self, other: "PartialDate") -> bool:
        """Return whether the other date lies in this one and is more exact."""
        is_in_it = str(other).startswith(str(self))
        return is_in_it and ISO_LENGTHS[other.precision] > ISO_LENGTHS[self.precision]

    @property
    def end(self) -> date:
        """The day from which a period is over that lasts until this date.

        The first day after a month or year; an exact day is that day itself.
        """
        if self.precision == Precision.DAY:
            return self.day
        if self.precision == Precision.YEAR:
            return date(self.day.year + 1, 1, 1)
        return (self.day + timedelta(days=31)).replace(day=1)

    @classmethod
    def build(cls, year: int, month: int | None = None, day: int | None = None) -> "PartialDate":
        """Return the date of these numbers; raises UnclearDate if there is none."""
        precision = Precision.YEAR if month is None else Precision.MONTH
        precision = precision if day is None else Precision.DAY
        try:
            first = date(year, 1 if month is None else month, 1 if day is None else day)
        except ValueError as error:
            raise UnclearDate("impossible") from error
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise UnclearDate("range")
        return cls(first, precision)

    @classmethod
    def fromisoformat(cls, text: str) -> "PartialDate":
        """Return the date that `isoformat` wrote, of whatever year; ValueError if it did not."""
        precision = next((p for p, length in ISO_LENGTHS.items() if length == len(text)), None)
        if precision is None:
            raise ValueError(text)
        return cls(date.fromisoformat(text + "0000-01-01"[len(text) :]), Precision(precision))

    @classmethod
    def from_end(cls, end: date, precision: str) -> "PartialDate":
        """Return the date whose `end` this is."""
        if precision == Precision.DAY.value:
            return cls(end)
        return cls.from_first_day(end - timedelta(days=1), precision)

    @classmethod
    def from_first_day(cls, day: date, precision: str) -> "PartialDate":
        """Return the date of this precision in which the day lies."""
        month = day.month if precision != Precision.YEAR else 1
        first = day if precision == Precision.DAY else date(day.year, month, 1)
        return cls(first, Precision(precision))


def get_first_day(text: str) -> date:
    """Return the first day of a date in ISO form; the first of all days for ""."""
    return PartialDate.fromisoformat(text).day if text else date.min


def get_end(text: str) -> date:
    """Return the day from which a period is over that lasts until this date; "" never ends."""
    return PartialDate.fromisoformat(text).end if text else date.max


def parse_partial_date(text: str) -> PartialDate:
    """Read a day, month or year in any unambiguous spelling; raises UnclearDate.

    Such as 2023-11-13, 2023/11, 二〇二三年十一月十三日, 20231113, 13 November 2023, 11/2023, each
    also with a weekday, or a time of day in China.
    """
    plain = _normalize(text)
    if match := YEAR_FIRST.match(plain):
        year, first, month, second, day = match.groups()
        if not _is_whole(first, month, second, day):
            raise UnclearDate("unknown")
        return _build(year, month, day)
    if match := DIGITS.match(plain):
        return _parse_digits(plain, *match.groups())
    if match := YEAR_LAST.match(plain):
        return _parse_year_last(*match.groups())
    if match := DAY_AND_NAME.match(plain):
        return _build(match[3], _get_month(match[2]), match[1])
    if match := NAME_AND_DAY.match(plain):
        return _build(match[3], _get_month(match[1]), match[2])
    raise UnclearDate("unknown")


def parse_day(text: str) -> date:
    """Read an exact day; raises UnclearDate, with the code "precision" for a month or a year."""
    parsed = parse_partial_date(text)
    if parsed.precision != Precision.DAY:
        raise UnclearDate("precision")
    return parsed.day


def _normalize(text: str) -> str:
    """Return the text with ordinary characters, without weekday, time and invisible marks."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    plain = DASHES.sub("-", WHITESPACE.sub(" ", plain)).strip().casefold()
    plain = HAN_NUMBER.sub(_convert_han_number, plain)
    plain = WHITESPACE.sub(" ", WEEKDAY.sub(" ", plain)).strip(" ,，")
    plain = TIME.sub("", plain).strip(" ,")
    if "年" in plain or re.fullmatch(r"\d+ ?[./-][\d ./-]*", plain):
        plain = plain.replace(" ", "")
    return ROC_YEAR.sub(lambda match: f"{int(match[1]) + 1911}年", plain)


def _convert_han_number(match: re.Match) -> str:
    """Return a number in Han characters as digits: 二〇二三 is 2023, 二十三 is 23."""
    text = "".join(HAN_TENS.get(c, c) for c in match[0])
    if "十" not in text:
        return "".join(str(HAN_DIGITS[c]) for c in text)
    tens, _ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return match[0]
    return str(HAN_DIGITS.get(tens, 1) * 10 + HAN_DIGITS.get(ones, 0))


def _is_whole(first: str, month: str | None, second: str | None, day: str | None) -> bool:
    """Return whether no part is missing behind a separator, as in 2023- or 2023年11-."""
    if month is None:
        return first == "年"
    return second in (None, "月") or (day is not None and first != "年")


def _build(year: str, month: str | int | None, day: str | None) -> PartialDate:
    numbers = [int(part) if part else None for part in (month, day)]
    return PartialDate.build(int(year), *numbers)


def _parse_digits(plain: str, year: str, month: str | None, day: str | None) -> PartialDate:
    """Read 2023, 202311 or 20231113; six digits may be a day with the year in two as well."""
    found = _build(year, month, day)
    if month and not day:
        try:
            short = PartialDate.build(2000 + int(plain[:2]), int(plain[2:4]), int(plain[4:]) or 32)
        except UnclearDate:
            return found
        raise UnclearDate("ambiguous", (found, short))
    return found


def _parse_year_last(one: str | None, two: str, year: str) -> PartialDate:
    """Read 13/11/2023, 11/13/2023 or 11/2023."""
    if one is None:
        return _build(year, two, None)
    meanings = []
    for month, day in ((two, one), (one, two)):
        try:
            meanings.append(_build(year, month, day))
        except UnclearDate as error:
            refusal = error
    if not meanings:
        raise refusal
    if meanings[0] != meanings[-1]:
        raise UnclearDate("ambiguous", tuple(meanings))
    return meanings[0]


def _get_month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1
