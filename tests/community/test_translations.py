"""Every word is said in Chinese too, and what is said is what was compiled."""

import ast
import re
from pathlib import Path
from string import Formatter

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "community" / "locale" / "zh_Hans" / "LC_MESSAGES"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"(?:\bn?gettext|(?<![\w.])_)\(\s*{LITERAL}")


def in_code(text: str) -> set[str]:
    """The words that a module asks for; the singular stands for its plural."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def in_template(text: str) -> set[str]:
    return {ast.literal_eval(found) for found in IN_TEMPLATE.findall(templatize(text))}


def asked_for() -> set[str]:
    found = set()
    for folder in ("community", "directory"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= in_code(path.read_text())
    for path in (ROOT / "templates").rglob("*.html"):
        found |= in_template(path.read_text())
    return found - {""}


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(FOLDER / "django.po"))


def test_nothing_is_left_untranslated_or_guessed(catalogue):
    assert len(catalogue) > 300
    assert not [entry.msgid for entry in catalogue.untranslated_entries()]
    assert not [entry.msgid for entry in catalogue.fuzzy_entries()]
    assert not [entry.msgid for entry in catalogue.obsolete_entries()]


@pytest.mark.slow
def test_every_word_that_is_asked_for_is_in_the_catalogue_and_no_other(catalogue):
    asked, known = asked_for(), {entry.msgid for entry in catalogue}
    assert not asked - known
    assert not known - asked


def test_words_are_found_wherever_they_stand():
    code = 'f"{_(\'a\')}" + gettext_lazy("b" "c") + ngettext("one", "%(n)d", n) + _(variable)'
    assert in_code(code) == {"a", "bc", "one"}
    template = (
        "{% load i18n %}{% translate 'a' %}{{ x|default:_('b') }}{% include 'y' with t=_('c') %}"
        "{% blocktranslate trimmed count n=1 %}\n one\n {{ n }}{% plural %}2{% endblocktranslate %}"
    )
    assert in_template(template) == {"a", "b", "c", "one %(n)s"}


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
