"""Suggest other queries ("did you mean") for one that matches nobody.

Mistyped Latin words are compared with the vocabulary; Han characters that sound alike are found
through their pinyin. A query is suggested only if it matches members, so that a draft's name is
never disclosed, and it is only suggested, never run in place of the visitor's.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product

from django.db import connection
from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from directory.listing.index.bitmaps import DayIndex
from directory.models import Organization
from directory.search import index as search_index
from directory.text import tokens

MAX_SUGGESTIONS = 3
MAX_WORDS = 8
MAX_NEAR_WORDS = 3
MAX_ATTEMPTS = 12
MAX_WORDS_ANY_LETTER = 2


# The runs of a query, each with "is it Han".
Runs = Sequence[tuple[str, bool]]


def suggest_queries(query: str, day: DayIndex) -> list[str]:
    """Return up to three queries similar to this one, the most similar first."""
    if tokens.parse_query(query) is None:
        return []
    runs = tokens.split_runs(query[: tokens.MAX_QUERY_LENGTH])
    if len(runs) > MAX_WORDS:
        return []
    has_han = any(is_han for _run, is_han in runs)
    suggest = suggest_by_pinyin if has_han else suggest_by_spelling
    return list(dict.fromkeys(suggest(runs, day)))[:MAX_SUGGESTIONS]


def has_results(query: str, day: DayIndex) -> bool:
    return day.members.intersect(BitMap(search_index.search_keys(query)[1]))


def suggest_by_spelling(runs: Runs, day: DayIndex) -> Iterator[str]:
    """Yield the query with its words corrected, where that matches somebody."""
    options = [
        find_near_words(run, anywhere=len(runs) <= MAX_WORDS_ANY_LETTER) for run, _han in runs
    ]
    for choice in islice(product(*options), MAX_ATTEMPTS):
        corrected = " ".join(choice)
        if corrected != " ".join(run for run, _han in runs) and has_results(corrected, day):
            yield corrected


def find_near_words(word: str, anywhere: bool = True) -> list[str]:
    """Return the words most similar to this one: only itself if it is short or none is similar.

    Most begin with its first or its second letter; if none does and `anywhere`, all are compared.
    """
    distance = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not distance:
        return [word]
    likely = chain.from_iterable(get_vocabulary(word, distance, letter) for letter in set(word[:2]))
    return (
        rank_words(word, likely, distance)
        or (anywhere and rank_words(word, get_vocabulary(word, distance), distance))
        or [word]
    )


def rank_words(word: str, candidates: Iterable[str], distance: int) -> list[str]:
    """Return the candidates within this edit distance of the word, the nearest first."""
    ranked = process.extract(
        word, sorted(candidates), scorer=DamerauLevenshtein.distance, score_cutoff=distance,
        limit=MAX_NEAR_WORDS,
    )  # fmt: skip
    return [candidate for candidate, _distance, _index in ranked]


def get_vocabulary(word: str, distance: int, letter: str = "") -> list[str]:
    """Return the words about as long as this one, all or those that begin with a letter.

    Words of drafts are among them.
    """
    sql = "SELECT word FROM directory_vocabulary WHERE length(word) BETWEEN %s AND %s"
    params: list = [len(word) - distance, len(word) + distance]
    if letter:
        sql += " AND word >= %s AND word < %s"
        params += [letter, chr(ord(letter) + 1)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def suggest_by_pinyin(runs: Runs, day: DayIndex) -> Iterator[str]:
    """Yield the names of members that sound as the query does."""
    pinyin = " ".join("".join(tokens.get_syllables(run)) if is_han else run for run, is_han in runs)
    members = BitMap(search_index.search_keys(pinyin)[0]) & day.members
    keys = list(islice(day.iter_sorted(members, "seniority"), MAX_SUGGESTIONS))
    rows = Organization.objects.prefetch_related("aliases").in_bulk(keys)
    for row in (rows[key] for key in keys if key in rows):
        names = [row.name, *(alias.name for alias in row.aliases.all())]
        yield from (name for name in names if tokens.matches(pinyin, name))
