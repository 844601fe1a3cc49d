"""Build search documents, slugs and sort keys from names.

Nothing here reads the database, so that a worker process can do it.
"""

from collections.abc import Mapping
from itertools import filterfalse
from typing import NamedTuple

from directory.text import tokens


class DocumentSource(NamedTuple):
    """An organization with every name of its own, codes among them."""

    key: int
    names: list[str]
    website: str
    region: str | None


class SearchDocument(NamedTuple):
    """The words of one organization in the search index: its own and its region's."""

    key: int
    own: str
    place: str


class DocumentRequest(NamedTuple):
    """Organizations to build documents of, with what that takes.

    `region_words` are the words of each region, `vocabulary` the words of regions that are new to
    the vocabulary table, `readings` the custom pinyin readings.
    """

    sources: list[DocumentSource]
    region_words: dict[str, list[str]]
    vocabulary: set[str]
    readings: Mapping[str, tuple[str, ...]]


class DocumentBatch(NamedTuple):
    """Search documents, and the words in them for spelling suggestions."""

    documents: list[SearchDocument]
    vocabulary: list[str]


# A Chinese and an English name.
NamePair = tuple[str, str]
# A slug and a sort key.
NameKeys = tuple[str, str]


class NameKeysRequest(NamedTuple):
    """Pairs of names whose slugs and sort keys are wanted."""

    pairs: list[NamePair]
    readings: Mapping[str, tuple[str, ...]]


def handle_request(
    request: DocumentRequest | NameKeysRequest,
) -> DocumentBatch | dict[NamePair, NameKeys]:
    if isinstance(request, NameKeysRequest):
        return build_all_name_keys(request)
    return build_documents(request)


def build_all_name_keys(request: NameKeysRequest) -> dict[NamePair, NameKeys]:
    """Return the slug and the sort key of each pair of names."""
    tokens.set_readings(request.readings)
    return {pair: build_name_keys(*pair) for pair in request.pairs}


def build_name_keys(name: str, name_en: str) -> NameKeys:
    return tokens.build_slug(name, name_en), tokens.sort_key(name)


def build_documents(request: DocumentRequest) -> DocumentBatch:
    tokens.set_readings(request.readings)
    documents, vocabulary = [], set(request.vocabulary)
    for key, names, website, region in request.sources:
        own = tokens.tokenize_all(names) | tokens.tokenize_website(website)
        place = filterfalse(own.__contains__, request.region_words[region] if region else ())
        documents.append(SearchDocument(key, " ".join(sorted(own)), " ".join(place)))
        vocabulary.update(*map(tokens.get_vocabulary_words, names))
    return DocumentBatch(documents, sorted(vocabulary))
