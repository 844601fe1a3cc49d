"""Every word is said in Chinese too, and what is said is what was compiled."""

from pathlib import Path
from string import Formatter

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

FOLDER = Path(__file__).parent.parent / "community" / "locale" / "zh_Hans" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(FOLDER / "django.po"))


def test_nothing_is_left_untranslated_or_guessed(catalogue):
    assert len(catalogue) > 300
    assert not [entry.msgid for entry in catalogue.untranslated_entries()]
    assert not [entry.msgid for entry in catalogue.fuzzy_entries()]
    assert not [entry.msgid for entry in catalogue.obsolete_entries()]


def test_the_compiled_words_are_those_of_the_catalogue(catalogue):
    compiled = {entry.msgid: entry for entry in polib.mofile(str(FOLDER / "django.mo"))}
    assert set(compiled) == {entry.msgid for entry in catalogue}
    for entry in catalogue:
        assert compiled[entry.msgid].msgstr == entry.msgstr
        assert compiled[entry.msgid].msgstr_plural == entry.msgstr_plural


def places(text: str) -> set[str]:
    """The named places that a sentence leaves open, in either notation."""
    percent = {part.split(")")[0] for part in text.split("%(")[1:]}
    try:
        return percent | {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return percent


def test_every_sentence_keeps_its_open_places(catalogue):
    wrong = []
    for entry in catalogue:
        for said in [entry.msgstr, *entry.msgstr_plural.values()]:
            if said and places(said) - places(entry.msgid + (entry.msgid_plural or "")):
                wrong.append(entry.msgid)
    assert not wrong


def test_the_site_speaks_chinese():
    with translation.override("zh-hans"):
        assert gettext("Members") == "成员"
