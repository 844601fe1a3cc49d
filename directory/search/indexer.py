"""Write organizations' words into the search index, computed in a worker process meanwhile."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from directory import codes
from directory.db.bulk import build_key_filter
from directory.models import Alias, Organization, Region
from directory.search import index as search_index
from directory.search.documents import (
    DocumentBatch,
    DocumentRequest,
    DocumentSource,
    NameKeys,
    NameKeysRequest,
    NamePair,
    build_name_keys,
    handle_request,
)
from directory.text import tokens
from directory.workers import MAX_PENDING, WorkerProcess

BATCH_SIZE = 1000
COLUMNS = ("pk", "name", "name_en", "credit_code", "school_code", "website", "region_id")
# So many words are remembered as written, lest every batch write them again.
MAX_KNOWN_WORDS = 50_000


def get_own_names(organization: Organization, aliases: Iterable[str]) -> list[str]:
    """Return every name of its own: registered, English, aliases, codes."""
    codes_ = (organization.credit_code, organization.school_code)
    return [n for n in (organization.name, organization.name_en, *aliases, *codes_) if n]


def get_name_rows(organizations: QuerySet[Organization]) -> Iterator[Any]:
    """Return named tuples of `COLUMNS`: all of an organization that its words are made of."""
    rows = organizations.order_by("pk").values_list(*COLUMNS, named=True)
    return rows.iterator(chunk_size=BATCH_SIZE)


class RegionWords:
    """The words of regions, those above them included; each region is read once.

    `paths` holds the sorted words by region code, `own` those of each single region.
    """

    def __init__(self) -> None:
        self.own: dict[str, set[str]] = {}
        self.paths: dict[str, list[str]] = {}
        # Words for spelling suggestions that are not written to the vocabulary yet.
        self.vocabulary: set[str] = set()

    def load(self, wanted: Iterable[str | None]) -> None:
        """Read the regions not read yet, all in one query."""
        paths = {code: codes.get_region_path(code) for code in {*wanted} - {*self.paths} if code}
        missing = {code for path in paths.values() for code in path} - {*self.own}
        self.own |= {code: set() for code in missing}
        for row in Region.objects.exclude_virtual().filter(code__in=missing) if missing else ():
            names = row.all_names
            self.vocabulary.update(*map(tokens.get_vocabulary_words, names))
            self.own[row.code] = tokens.tokenize_all(names) | {row.code}
        for code, path in paths.items():
            self.paths[code] = sorted(set().union(*(self.own[each] for each in path)))


def build_requests(
    organizations: Iterable[Organization], region_words: RegionWords
) -> Iterator[DocumentRequest]:
    """Yield a request for each batch; aliases and regions are read batch by batch."""
    remaining = iter(organizations)
    while batch := list(islice(remaining, BATCH_SIZE)):
        aliases: dict[int, list[str]] = {}
        keys = [organization.pk for organization in batch]
        pairs = Alias.objects.filter(**build_key_filter(keys, "organization")).order_by()
        for key, name in pairs.values_list("organization_id", "name"):
            aliases.setdefault(key, []).append(name)
        regions = {organization.region_id for organization in batch if organization.region_id}
        region_words.load(regions)
        sources = [
            DocumentSource(
                row.pk, get_own_names(row, aliases.get(row.pk, ())), row.website, row.region_id
            )
            for row in batch
        ]
        paths = {code: region_words.paths[code] for code in regions}
        vocabulary, region_words.vocabulary = region_words.vocabulary, set()
        yield DocumentRequest(sources, paths, vocabulary, tokens.get_readings())


class SearchIndexer:
    """Replaces organizations' documents in the search index, and computes name keys ahead.

    The documents enqueued last are still being built in the worker process while other things are
    written; no region is read twice. Close it when all is done.
    """

    def __init__(self) -> None:
        self.region_words = RegionWords()
        self.worker = WorkerProcess(handle_request)
        self.pending: deque[Callable[[], DocumentBatch]] = deque()
        # Words that are in the vocabulary already.
        self.known_words: set[str] = set()
        self.pending_name_keys: deque[Callable[[], dict[NamePair, NameKeys]]] = deque()
        self.name_keys: dict[NamePair, NameKeys] = {}

    def prepare_name_keys(self, pairs: list[NamePair]) -> None:
        """Start computing slugs and sort keys of names that will be written soon."""
        search_index.load_readings()
        request = NameKeysRequest(pairs, tokens.get_readings())
        self.pending_name_keys.append(self.worker.submit(request))

    def get_name_keys(self, name: str, name_en: str) -> NameKeys:
        """Return the slug and the sort key, as prepared or else computed now."""
        while (name, name_en) not in self.name_keys and self.pending_name_keys:
            self.name_keys |= self.pending_name_keys.popleft()()
        return self.name_keys.get((name, name_en)) or build_name_keys(name, name_en)

    def enqueue(self, organizations: Iterable[Organization]) -> None:
        """Start building their documents, and write those that are due."""
        for request in build_requests(organizations, self.region_words):
            self.pending.append(self.worker.submit(request))
            while len(self.pending) > MAX_PENDING:
                self.write_next()

    def finish(self) -> None:
        """Write all documents that were enqueued."""
        while self.pending:
            self.write_next()

    def write_next(self) -> None:
        batch = self.pending.popleft()()
        new_words = set(batch.vocabulary) - self.known_words
        search_index.write_documents(batch._replace(vocabulary=sorted(new_words)))
        if len(self.known_words) < MAX_KNOWN_WORDS:
            self.known_words |= new_words

    def close(self) -> None:
        self.worker.close()


def rebuild() -> None:
    """Rebuild the whole search index."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_words")
        cursor.execute("DELETE FROM directory_vocabulary")
    search_index.load_readings()
    with closing(SearchIndexer()) as indexer:
        indexer.enqueue(get_name_rows(Organization.objects.all()))
        indexer.finish()
