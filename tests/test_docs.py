"""What the documentation names is there: files and links."""

import re

import pytest

from community.cli.virtualenv import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PLACES = (ROOT, ROOT / "directory", ROOT / "docs", ROOT / "community")
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
PATH = re.compile(r"`((?:[\w.-]+/)+(?:[\w.-]+\.(?:py|css|js|html|toml|txt|json))?)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_exists(page):
    if page.name == "CHANGELOG.md":
        pytest.skip("it tells of what was")
    paths = PATH.findall(page.read_text(encoding="utf-8"))
    missing = [path for path in paths if not any((place / path).exists() for place in PLACES)]
    assert [path for path in missing if not path.startswith(("var/", ".venv/"))] == []
