"""The words of all names, kept in the database's own index, and asked.

SQLite: an FTS5 table. PostgreSQL: two tsvector columns under GIN, no extension. Both hold one
row for each organization: `own` from its own names and codes, `place` from its regions' names.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection

from directory import codes, words
from directory.models import Alias, Organization, Region

BATCH = 1000
MAKE_SQLITE = (
    "CREATE VIRTUAL TABLE directory_words USING fts5("
    'own, place, tokenize="unicode61 remove_diacritics 0", detail=column, columnsize=0)'
)
MAKE_POSTGRESQL = (
    "CREATE TABLE directory_words (organization_id bigint PRIMARY KEY, "
    "own tsvector NOT NULL, every tsvector NOT NULL)",
    "CREATE INDEX directory_words_own ON directory_words USING gin (own)",
    "CREATE INDEX directory_words_every ON directory_words USING gin (every)",
)


def make_table(schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    statements = (MAKE_SQLITE,) if vendor == "sqlite" else MAKE_POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


def drop_table(schema_editor) -> None:
    schema_editor.execute("DROP TABLE directory_words")


# -- Writing -----------------------------------------------------------------


def own_names(organization: Organization, aliases: Iterable[str]) -> list[str]:
    """Every name of its own: registered, English, aliases, codes."""
    codes_ = (organization.credit_code, organization.school_code)
    return [n for n in (organization.name, organization.name_en, *aliases, *codes_) if n]


class Places:
    """The words of each region's name and of the regions above it, read once."""

    def __init__(self):
        self.names = {region.code: region.every_name for region in Region.objects.real()}
        self.kept: dict[str, set[str]] = {}

    def words(self, code: str | None) -> set[str]:
        if not code:
            return set()
        if code not in self.kept:
            rungs = [rung for rung in codes.region_rungs(code) if rung in self.names]
            names = [name for rung in rungs for name in self.names[rung]]
            self.kept[code] = words.all_words(names) | set(rungs)
        return self.kept[code]


def rows(organizations: Iterable[Organization], places: Places) -> Iterator[tuple]:
    """`(id, own words, place words)` for each; aliases are fetched by the batch."""
    todo = iter(organizations)
    while batch := list(islice(todo, BATCH)):
        aliases: dict[int, list[str]] = {}
        keys = [organization.pk for organization in batch]
        pairs = Alias.objects.filter(organization__in=keys).order_by()
        for key, name in pairs.values_list("organization_id", "name"):
            aliases.setdefault(key, []).append(name)
        for organization in batch:
            own = words.all_words(own_names(organization, aliases.get(organization.pk, ())))
            own |= words.words_of_site(organization.website)
            place = places.words(organization.region_id) - own
            yield organization.pk, sorted(own), sorted(place)


def write(organizations: Iterable[Organization]) -> None:
    """Put these organizations' words into the index, in place of what stood there."""
    todo = rows(organizations, Places())
    while batch := list(islice(todo, BATCH)):
        forget(key for key, _own, _place in batch)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.executemany(
                    "INSERT INTO directory_words (rowid, own, place) VALUES (%s, %s, %s)",
                    [(key, " ".join(own), " ".join(place)) for key, own, place in batch],
                )
            else:
                cursor.executemany(
                    "INSERT INTO directory_words VALUES "
                    "(%s, array_to_tsvector(%s::text[]), array_to_tsvector(%s::text[]))",
                    [(key, own, own + place) for key, own, place in batch],
                )


def forget(keys: Iterable[int]) -> None:
    column = "rowid" if connection.vendor == "sqlite" else "organization_id"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM directory_words WHERE {column} = %s", [(key,) for key in keys]
        )


def rebuild() -> None:
    """Every organization's words anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_words")
    write(Organization.objects.order_by("pk").iterator(chunk_size=BATCH))


# -- Asking ------------------------------------------------------------------


def find(query: str) -> tuple[set[int], set[int]]:
    """Who is found by names of their own, and who by any word, their region's included.

    Both are sets of organization ids, drafts among them: the asker keeps its members.
    """
    question = words.asked(query)
    if question is None:
        return set(), set()
    ask = _ask_sqlite if connection.vendor == "sqlite" else _ask_postgresql
    return ask(*question, own=True), ask(*question, own=False)


def _ask_sqlite(whole: list[str], last: str, own: bool) -> set[int]:
    terms = [f'"{word}"' for word in whole] + ([f'"{last}" *'] if last else [])
    question = " AND ".join(terms)
    if own:
        question = f"own : ({question})"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM directory_words WHERE directory_words MATCH %s", [question]
        )
        return {key for (key,) in cursor.fetchall()}


def _ask_postgresql(whole: list[str], last: str, own: bool) -> set[int]:
    # The words hold letters and digits only, so quotes are enough to keep them words.
    terms = [f"'{word}'" for word in whole] + ([f"'{last}':*"] if last else [])
    column = "own" if own else "every"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT organization_id FROM directory_words WHERE {column} @@ %s::tsquery",
            [" & ".join(terms)],
        )
        return {key for (key,) in cursor.fetchall()}


def snapshot() -> list[tuple]:
    """The whole index as rows that can be compared: for the tests of the doors."""
    order = "rowid, own, place" if connection.vendor == "sqlite" else "organization_id, own, every"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {order} FROM directory_words ORDER BY 1")
        return cursor.fetchall()
