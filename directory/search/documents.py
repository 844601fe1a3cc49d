"""What is made of names: what the index holds of them, their slugs, their order. Nothing is asked
for here, so that another process can do it.
"""

from collections.abc import Mapping
from itertools import filterfalse
from typing import NamedTuple

from directory.text import tokens


class Bearer(NamedTuple):
    """An organization with every name of its own, codes among them."""

    key: int
    names: list[str]
    website: str
    region: str | None


class Entry(NamedTuple):
    """What the index holds of one organization: its own words and its region's."""

    key: int
    own: str
    place: str


class Question(NamedTuple):
    """Whom to spell out, their regions' words, which of these are new, and the desk's readings."""

    bearers: list[Bearer]
    places: dict[str, list[str]]
    spoken: set[str]
    readings: Mapping[str, tuple[str, ...]]


class Spelt(NamedTuple):
    """The entries, and what in them somebody may mistype."""

    entries: list[Entry]
    spoken: list[str]


Pair = tuple[str, str]
Derived = tuple[str, str]


class Names(NamedTuple):
    """Chinese and English names side by side, whose slugs and order are wanted."""

    pairs: list[Pair]
    readings: Mapping[str, tuple[str, ...]]


def answer(question: Question | Names) -> Spelt | dict[Pair, Derived]:
    return derived(question) if isinstance(question, Names) else spell_out(question)


def derived(names: Names) -> dict[Pair, Derived]:
    """Of each pair its slug and its place in the order of pinyin."""
    tokens.correct(names.readings)
    return {pair: derived_from(*pair) for pair in names.pairs}


def derived_from(name: str, name_en: str) -> Derived:
    return tokens.slug_of(name, name_en), tokens.sort_key(name)


def spell_out(question: Question) -> Spelt:
    tokens.correct(question.readings)
    entries, spoken = [], set(question.spoken)
    for key, names, website, region in question.bearers:
        own = tokens.all_words(names) | tokens.words_of_site(website)
        place = filterfalse(own.__contains__, question.places[region] if region else ())
        entries.append(Entry(key, " ".join(sorted(own)), " ".join(place)))
        spoken.update(*map(tokens.spoken_words, names))
    return Spelt(entries, sorted(spoken))
