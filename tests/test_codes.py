"""Codes are checked as their standards say, and the reason is told in plain words."""

import pytest
from django.core.exceptions import ValidationError

from directory import codes


@pytest.mark.parametrize("code", ["91110000600037341L", "511000005000010931"])
def test_a_valid_credit_code_passes(code):
    codes.check_credit_code(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("9111000060003734", "18 characters; this has 16"),
        ("91110000600037341I", "never holds “I”"),
        ("91110000600037342L", "check character does not fit"),
        ("4165013094", "looks like a school code"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_its_reason(code, reason):
    with pytest.raises(ValidationError) as refused:
        codes.check_credit_code(code)
    assert reason in refused.value.message


def test_the_check_character_catches_every_single_wrong_character():
    code = "91110000600037341L"
    for place in range(17):
        for other in set(codes.CREDIT_CODE_ALPHABET) - {code[place]}:
            wrong = code[:place] + other + code[place + 1 :]
            assert codes.get_check_character(wrong) != wrong[17]


@pytest.mark.parametrize("code", ["4141010465", "4165013094"])
def test_a_valid_school_code_passes(code):
    codes.check_school_code(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("414101046", "10 digits; this has 9"),
        ("41A1010465", "digits only"),
        ("4199010465", "“99” is none"),
        ("91110000600037341L", "looks like a social credit code"),
    ],
)
def test_a_wrong_school_code_is_refused_with_its_reason(code, reason):
    with pytest.raises(ValidationError) as refused:
        codes.check_school_code(code)
    assert reason in refused.value.message


def test_a_code_is_tidied_before_it_is_checked():
    assert codes.normalize_code(" ９１１１００００ 6000-37341l ") == "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "span"),
    [
        ("650000", ("650000", "659999")),
        ("652800", ("652800", "652899")),
        ("652801", ("652801", "652801")),
    ],
)
def test_a_region_spans_what_lies_below_it(code, span):
    assert codes.get_region_range(code) == span


def test_the_rungs_lead_down_to_a_region():
    assert codes.get_region_path("652801") == ["650000", "652800", "652801"]
    assert codes.get_region_path("650000") == ["650000"]
