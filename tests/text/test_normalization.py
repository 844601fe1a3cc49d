"""What is stored is made of ordinary characters that somebody can see."""

import pytest

from directory.text.normalization import normalize_characters


@pytest.mark.parametrize(
    ("text", "stored"),
    [("⻄安市⻓安区", "西安市长安区"), ("示例⼤⽅⻛", "示例大方风"), ("示例\uf90a厂", "示例金厂"),
     ("Cafe\u0301", "Café"), ("ＡＢ（中国）", "ＡＢ（中国）"),
     ("示例\n两行\t表", "示例\n两行\t表")],
)  # fmt: skip
def test_radicals_become_ordinary_characters_and_the_rest_stays(text, stored):
    assert normalize_characters(text) == stored


@pytest.mark.parametrize(
    "mark",
    ["\xad", "\u2060", "\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\u061c",
     "\ufeff", "\u034f", "\ufe0f", "\U000e0101", "\U000e0041", "\u3164", "\x07", "\x9d"],
)  # fmt: skip
def test_what_nobody_sees_is_left_out(mark):
    assert normalize_characters(f"{mark}示例{mark}厂 A{mark}B{mark}") == "示例厂 AB"


def test_other_line_separators_are_line_ends():
    assert normalize_characters("甲\u2028乙\x85丙") == "甲\n乙\n丙"
