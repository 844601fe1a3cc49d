"""The style sheets, hand-written: a bracket left open would silently take in all that follows."""

from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[2] / "static").rglob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_bracket_is_closed_in_its_file(sheet):
    text = sheet.read_text()
    assert text.count("{") == text.count("}")
