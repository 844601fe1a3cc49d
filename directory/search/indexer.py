"""The scribe: names are spelled out and their words put into the index while other things go on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from directory import codes
from directory.db.bulk import keyed
from directory.models import Alias, Organization, Region
from directory.search import index as search_index
from directory.search.documents import (
    Bearer,
    Derived,
    Names,
    Pair,
    Question,
    Spelt,
    answer,
    derived_from,
)
from directory.text import tokens
from directory.workers import AHEAD, Aside

BATCH = 1000
COLUMNS = ("pk", "name", "name_en", "credit_code", "school_code", "website", "region_id")
# So many words are remembered as learnt, lest they be learnt again with every batch.
MOST_LEARNT = 50_000


def own_names(organization: Organization, aliases: Iterable[str]) -> list[str]:
    """Every name of its own: registered, English, aliases, codes."""
    codes_ = (organization.credit_code, organization.school_code)
    return [n for n in (organization.name, organization.name_en, *aliases, *codes_) if n]


def named(organizations: QuerySet) -> Iterator[NamedTuple]:
    """What the words are made of, and nothing else."""
    rows = organizations.order_by("pk").values_list(*COLUMNS, named=True)
    return rows.iterator(chunk_size=BATCH)


class Places:
    """The words of regions and of those above them, each region read and read out once."""

    def __init__(self):
        self.rungs: dict[str, set[str]] = {}
        self.kept: dict[str, list[str]] = {}
        # What of them somebody may mistype, and the index has not learnt yet.
        self.spoken: set[str] = set()

    def read(self, wanted: Iterable[str | None]) -> None:
        """Read those not read yet, all in one question."""
        paths = {code: codes.region_rungs(code) for code in {*wanted} - {None, ""} - {*self.kept}}
        fresh = {rung for rungs in paths.values() for rung in rungs} - {*self.rungs}
        self.rungs |= {rung: set() for rung in fresh}
        for row in Region.objects.real().filter(code__in=fresh) if fresh else ():
            names = row.every_name
            self.spoken.update(*map(tokens.spoken_words, names))
            self.rungs[row.code] = tokens.all_words(names) | {row.code}
        for code, rungs in paths.items():
            self.kept[code] = sorted(set().union(*(self.rungs[rung] for rung in rungs)))


def questions(organizations: Iterable[Organization], places: Places) -> Iterator[Question]:
    """What their words are made of; aliases and regions are fetched by the batch."""
    todo = iter(organizations)
    while batch := list(islice(todo, BATCH)):
        aliases: dict[int, list[str]] = {}
        keys = [organization.pk for organization in batch]
        pairs = Alias.objects.filter(**keyed(keys, "organization")).order_by()
        for key, name in pairs.values_list("organization_id", "name"):
            aliases.setdefault(key, []).append(name)
        regions = {organization.region_id for organization in batch} - {None, ""}
        places.read(regions)
        bearers = [
            Bearer(row.pk, own_names(row, aliases.get(row.pk, ())), row.website, row.region_id)
            for row in batch
        ]
        wanted = {code: places.kept[code] for code in regions}
        spoken, places.spoken = places.spoken, set()
        yield Question(bearers, wanted, spoken, tokens.readings())


class Scribe:
    """Puts words into the index, in place of what stood there; knows slugs and order beforehand.

    Those taken last are still being spelled out while other things are written; no region is
    read out twice. Close it when all is done.
    """

    def __init__(self):
        self.places = Places()
        self.aside = Aside(answer)
        self.asked: deque[Callable[[], Spelt]] = deque()
        self.learnt: set[str] = set()
        self.expected: deque[Callable[[], dict[Pair, Derived]]] = deque()
        self.known: dict[Pair, Derived] = {}

    def expect(self, pairs: list[Pair]) -> None:
        """Have slugs and order thought out of names that will be written soon."""
        search_index.read_corrections()
        self.expected.append(self.aside.ask(Names(pairs, tokens.readings())))

    def derived(self, name: str, name_en: str) -> Derived:
        """The slug and the place in the order of pinyin, by now or at once."""
        while (name, name_en) not in self.known and self.expected:
            self.known |= self.expected.popleft()()
        return self.known.get((name, name_en)) or derived_from(name, name_en)

    def take(self, organizations: Iterable[Organization]) -> None:
        for question in questions(organizations, self.places):
            self.asked.append(self.aside.ask(question))
            while len(self.asked) > AHEAD:
                self.put()

    def finish(self) -> None:
        while self.asked:
            self.put()

    def put(self) -> None:
        spelt = self.asked.popleft()()
        fresh = set(spelt.spoken) - self.learnt
        search_index.put(spelt._replace(spoken=sorted(fresh)))
        if len(self.learnt) < MOST_LEARNT:
            self.learnt |= fresh

    def close(self) -> None:
        self.aside.close()


def rebuild() -> None:
    """Every organization's words anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_words")
        cursor.execute("DELETE FROM directory_vocabulary")
    search_index.read_corrections()
    with closing(Scribe()) as scribe:
        scribe.take(named(Organization.objects.all()))
        scribe.finish()
