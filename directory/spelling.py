"""What the index holds of organizations, spelled out from their names: nothing is asked for here,
so that another process can do it.
"""

from collections.abc import Mapping
from itertools import filterfalse
from typing import NamedTuple

from directory import words


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


def spell_out(question: Question) -> Spelt:
    words.correct(question.readings)
    entries, spoken = [], set(question.spoken)
    for key, names, website, region in question.bearers:
        own = words.all_words(names) | words.words_of_site(website)
        place = filterfalse(own.__contains__, question.places[region] if region else ())
        entries.append(Entry(key, " ".join(sorted(own)), " ".join(place)))
        spoken.update(*map(words.spoken_words, names))
    return Spelt(entries, sorted(spoken))
