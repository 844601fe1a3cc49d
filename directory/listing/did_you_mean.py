"""What a query that finds nobody may have meant: new questions, each of which finds somebody.

Mistyped Latin words are compared with the vocabulary; Han characters that sound alike are found
through their pinyin. A question is offered only if members answer it, so a draft's name is never
told, and it is offered as a question, never answered in the asker's stead.
"""

from collections.abc import Iterable
from itertools import chain, islice, product

from django.db import connection
from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from directory.listing.index.bitmaps import Day
from directory.models import Organization
from directory.search import index as search_index
from directory.text import tokens

MOST_OFFERED = 3
MOST_WORDS = 8
MOST_NEAR = 3
MOST_TRIED = 12
MOST_SOUGHT_ANYWHERE = 2


def questions(query: str, day: Day) -> list[str]:
    """Up to three questions near this one, the nearest first."""
    if tokens.asked(query) is None:
        return []
    runs = tokens.pieces(query[: tokens.LONGEST_QUERY])
    if len(runs) > MOST_WORDS:
        return []
    has_han = any(is_han for _run, is_han in runs)
    found = list(by_sound(runs, day)) if has_han else list(by_spelling(runs, day))
    return list(dict.fromkeys(found))[:MOST_OFFERED]


def finds(query: str, day: Day) -> bool:
    return day.everyone.intersect(BitMap(search_index.keys(query)[1]))


def by_spelling(runs: list[tuple[str, bool]], day: Day):
    """The query with its words put right, where somebody answers."""
    options = [near(run, anywhere=len(runs) <= MOST_SOUGHT_ANYWHERE) for run, _han in runs]
    for choice in islice(product(*options), MOST_TRIED):
        asked = " ".join(choice)
        if asked != " ".join(run for run, _han in runs) and finds(asked, day):
            yield asked


def near(word: str, anywhere: bool = True) -> list[str]:
    """The words nearest to this one, itself first if it is known or short.

    Most begin as it does, or with its second letter; if none does and `anywhere`, any may be it.
    """
    allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not allowed:
        return [word]
    likely = chain.from_iterable(vocabulary(word, allowed, letter) for letter in set(word[:2]))
    return (
        nearest(word, likely, allowed)
        or (anywhere and nearest(word, vocabulary(word, allowed), allowed))
        or [word]
    )


def nearest(word: str, known: Iterable[str], allowed: int) -> list[str]:
    close = process.extract(
        word, sorted(known), scorer=DamerauLevenshtein.distance, score_cutoff=allowed,
        limit=MOST_NEAR,
    )  # fmt: skip
    return [found for found, _distance, _place in close]


def vocabulary(word: str, allowed: int, letter: str = "") -> list[str]:
    """Words about as long as this one, all or those of a letter; drafts' words are among them."""
    asked = "SELECT word FROM directory_vocabulary WHERE length(word) BETWEEN %s AND %s"
    params: list = [len(word) - allowed, len(word) + allowed]
    if letter:
        asked += " AND word >= %s AND word < %s"
        params += [letter, chr(ord(letter) + 1)]
    with connection.cursor() as cursor:
        cursor.execute(asked, params)
        return [found for (found,) in cursor.fetchall()]


def by_sound(runs: list[tuple[str, bool]], day: Day):
    """The names of members that sound as the query does."""
    sound = " ".join("".join(tokens.syllables(run)) if is_han else run for run, is_han in runs)
    found = BitMap(search_index.keys(sound)[0]) & day.everyone
    keys = list(islice(day.ordered(found, "seniority"), MOST_OFFERED))
    rows = Organization.objects.prefetch_related("aliases").in_bulk(keys)
    for row in (rows[key] for key in keys if key in rows):
        names = [row.name, *(alias.name for alias in row.aliases.all())]
        yield from (name for name in names if tokens.matches(sound, name))
