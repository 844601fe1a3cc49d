"""The style sheets, hand-written: a bracket left open would silently take in all that follows."""

from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[2] / "static").glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_bracket_is_closed_before_the_next_room(sheet):
    text = sheet.read_text()
    assert text.count("{") == text.count("}")
