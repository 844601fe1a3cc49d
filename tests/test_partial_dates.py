"""Partial dates: every usual spelling is read alike, and what is unclear is refused."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.partial_dates import PartialDate, Precision, UnclearDate, parse_partial_date

DAYS = [
    *("2023-11-13", "2023/11/13", "2023.11.13", "2023. 11. 13", "20231113", "2023–11–13"),
    *("2023年11月13日", "2023 年 11 月 13 日", "2023年11月13号", "２０２３－１１－１３"),
    *("二〇二三年十一月十三日", "二零二三年十一月十三日", "民国112年11月13日"),
    *("2023-11-13 00:00:00", "2023-11-13T00:00:00+08:00", "2023/11/13 9:30", "2023-11-13 星期一"),
    *("2023年11月13日（星期一）", "\u200b2023-11-13", "Monday, 13 November 2023", "Nov 13, 2023"),
    *("13-Nov-2023", "13th of November 2023", "13/11/2023", "11/13/2023"),
]
MONTHS = [
    *("2023-11", "2023/11", "2023.11", "2023年11月", "二〇二三年十一月", "202311"),
    *("11/2023", "November 2023", "nov. 2023"),
]


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_in_every_usual_spelling(text):
    assert parse_partial_date(text) == PartialDate(date(2023, 11, 13))


@pytest.mark.parametrize("text", MONTHS)
def test_a_month_is_read_in_every_usual_spelling(text):
    assert parse_partial_date(text) == PartialDate(date(2023, 11, 1), Precision.MONTH)


@pytest.mark.parametrize("text", ["2023", "2023年", "二〇二三年", "２０２３"])
def test_a_year_is_read_in_every_usual_spelling(text):
    assert parse_partial_date(text) == PartialDate(date(2023, 1, 1), Precision.YEAR)


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("03/04/2023", ["2023-04-03", "2023-03-04"]),
        ("3.4.2023", ["2023-04-03", "2023-03-04"]),
        ("201112", ["2011-12", "2020-11-12"]),
    ],
)
def test_what_could_be_two_dates_is_refused_with_both(text, meanings):
    with pytest.raises(UnclearDate) as refusal:
        parse_partial_date(text)
    assert refusal.value.code == "ambiguous"
    assert [str(each) for each in refusal.value.meanings] == meanings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("2023-02-30", "impossible"), ("2023-13", "impossible"), ("2023-00-10", "impossible")),
        *(("0023-11-13", "range"), ("1899-12-31", "range"), ("2101", "range")),
        *(("23-11-13", "unknown"), ("2023年底", "unknown"), ("2023-", "unknown"), ("", "unknown")),
        *(("2023-11-13T23:00:00Z", "unknown"), ("45243", "unknown"), ("昨天", "unknown")),
        *(("2023-11-13~2024", "unknown"), ("2023年11月-", "unknown"), ("20 23", "unknown")),
    ],
)
def test_what_is_no_date_is_refused(text, code):
    with pytest.raises(UnclearDate) as refusal:
        parse_partial_date(text)
    assert refusal.value.code == code


DATES = st.builds(
    PartialDate.from_first_day,
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.sampled_from(list(Precision)),
)


@given(DATES)
def test_what_is_written_is_read_again(value):
    assert PartialDate.fromisoformat(str(value)) == value
    assert parse_partial_date(str(value)) == value
    assert PartialDate.from_end(value.end, value.precision) == value


@given(DATES)
def test_a_period_ends_after_its_last_day(value):
    lasts = (value.end - value.day).days
    assert lasts in {"day": [0], "month": range(28, 32), "year": [365, 366]}[value.precision]


@given(DATES, DATES)
def test_a_date_says_less_than_a_more_exact_one_within_it(one, other):
    is_within = one.day <= other.day < one.end and other.end <= one.end
    assert one.says_less_than(other) == (is_within and one != other)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_read_or_refused(text):
    with contextlib.suppress(UnclearDate):
        assert 1900 <= parse_partial_date(text).day.year <= 2100
