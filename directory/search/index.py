"""The words of all names, kept in the database's own index, and asked.

SQLite: an FTS5 table. PostgreSQL: two tsvector columns under GIN, no extension. Both hold one
row for each organization: `own` from its own names and codes, `place` from its regions' names.
"""

import json
from array import array
from collections.abc import Collection, Sequence

from django.db import connection

from directory.db.bulk import is_run
from directory.models import Reading
from directory.search.documents import Spelt
from directory.text import tokens

MAKE_VOCABULARY = "CREATE TABLE directory_vocabulary (word varchar(40) PRIMARY KEY)"
MAKE_SQLITE = (
    "CREATE VIRTUAL TABLE directory_words USING fts5("
    'own, place, tokenize="unicode61 remove_diacritics 0", detail=column, columnsize=0)'
)
# Bytes of new words that SQLite gathers before it writes them down: eight times as many as else.
GATHERED = 8 << 20
GATHER_SQLITE = (
    f"INSERT INTO directory_words (directory_words, rank) VALUES ('hashsize', {GATHERED})"
)
MAKE_POSTGRESQL = (
    "CREATE TABLE directory_words (organization_id bigint PRIMARY KEY, "
    "own tsvector NOT NULL, every tsvector NOT NULL)",
    "CREATE INDEX directory_words_every ON directory_words USING gin (every)",
)


def make_tables(schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    for statement in (MAKE_SQLITE,) if vendor == "sqlite" else MAKE_POSTGRESQL:
        schema_editor.execute(statement)
    schema_editor.execute(MAKE_VOCABULARY)


def gather_more(_apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(GATHER_SQLITE)


def drop_tables(schema_editor) -> None:
    schema_editor.execute("DROP TABLE directory_words")
    schema_editor.execute("DROP TABLE directory_vocabulary")


# -- Writing -----------------------------------------------------------------


def put(spelt: Spelt) -> None:
    """Write these entries in place of what stood there; not deleted first, as then SQLite would
    have to write down all that it has gathered.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            into = "INSERT OR REPLACE INTO directory_words (rowid, own, place) VALUES (%s, %s, %s)"
            cursor.executemany(into, spelt.entries)
        else:
            vector = "array_to_tsvector(string_to_array(%s, ' '))"
            cursor.executemany(
                f"INSERT INTO directory_words VALUES (%s, {vector}, {vector}) "
                "ON CONFLICT (organization_id) DO UPDATE SET own = EXCLUDED.own, "
                "every = EXCLUDED.every",
                [(key, own, f"{own} {place}".strip()) for key, own, place in spelt.entries],
            )
    learn(spelt.spoken)


def learn(spoken: Collection[str]) -> None:
    """Add words to the vocabulary, against which mistyped ones are compared."""
    into, known = "INSERT INTO directory_vocabulary (word)", "ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            each = [(word,) for word in sorted(spoken)]
            cursor.executemany(f"{into} VALUES (%s) {known}", each)
        else:
            cursor.execute(f"{into} SELECT unnest(%s::text[]) {known}", [sorted(spoken)])


def read_corrections() -> None:
    """Take the desk's corrections of pinyin into this process."""
    rows = Reading.objects.values_list("han", "pinyin")
    tokens.correct({han: tuple(pinyin.split()) for han, pinyin in rows})


def forget(keys: Collection[int]) -> None:
    column = "rowid" if connection.vendor == "sqlite" else "organization_id"
    gone, keys = f"DELETE FROM directory_words WHERE {column}", sorted(keys)
    with connection.cursor() as cursor:
        if is_run(keys):
            cursor.execute(f"{gone} BETWEEN %s AND %s", (keys[0], keys[-1]))
        else:
            cursor.executemany(f"{gone} = %s", [(key,) for key in keys])


# -- Asking ------------------------------------------------------------------


def find(query: str) -> tuple[set[int], set[int]]:
    """Who is found by names of their own, and who by any word, their region's included.

    Both are sets of organization ids, drafts among them: the asker keeps its members.
    """
    own, every = keys(query)
    return set(own), set(every)


def keys(query: str) -> tuple[array, array]:
    """The same as arrays, for an asker who may find everybody."""
    question = tokens.asked(query)
    if question is None:
        return array("I"), array("I")
    ask = _keys_sqlite if connection.vendor == "sqlite" else _keys_postgresql
    with connection.cursor() as cursor:
        return ask(cursor, *question)


def _numbers(text: str | None) -> array:
    """What the database gathered in one text: a row for each would take ten times as long."""
    return array("I", json.loads(f"[{text}]")) if text else array("I")


def first(query: str, most: int, narrow: bool = False) -> list[int]:
    """The ids of the first found, those found by names of their own before the others.

    `narrow` leaves the others out where anybody is found by a name of its own.
    """
    question = tokens.asked(query)
    if question is None:
        return []
    with connection.cursor() as cursor:
        found = dict.fromkeys(_some(cursor, "own", *question, most))
        if len(found) < most and not (narrow and found):
            found |= dict.fromkeys(_some(cursor, "every", *question, most))
    return list(found)[:most]


def _some(cursor, column: str, whole: Sequence[str], last: str, most: int) -> list[int]:
    if connection.vendor == "sqlite":
        question = _match(whole, last)
        question = f"own : ({question})" if column == "own" else question
        table = "SELECT rowid FROM directory_words WHERE directory_words MATCH %s LIMIT %s"
        cursor.execute(table, [question, most])
    else:
        # The index is on all words: those of a region are sorted out by the rows themselves.
        table = "SELECT organization_id FROM directory_words WHERE every @@ %s::tsquery"
        table += " AND own @@ %s::tsquery LIMIT %s" if column == "own" else " LIMIT %s"
        question = _tsquery(whole, last)
        cursor.execute(table, [question] * (2 if column == "own" else 1) + [most])
    return [key for (key,) in cursor.fetchall()]


def _match(whole: Sequence[str], last: str) -> str:
    return " AND ".join([f'"{word}"' for word in whole] + ([f'"{last}" *'] if last else []))


def _tsquery(whole: Sequence[str], last: str) -> str:
    # The words hold letters and digits only, so quotes are enough to keep them words.
    return " & ".join([f"'{word}'" for word in whole] + ([f"'{last}':*"] if last else []))


def _keys_sqlite(cursor, whole: Sequence[str], last: str) -> tuple[array, array]:
    question = _match(whole, last)
    # Whoever a single word finds has it among its own or among its place's.
    is_one = len(whole) + bool(last) == 1
    found = "(SELECT group_concat(rowid) FROM directory_words WHERE directory_words MATCH %s)"
    other = f"place : ({question})" if is_one else question
    cursor.execute(f"SELECT {found}, {found}", [f"own : ({question})", other])
    own, rest = map(_numbers, cursor.fetchone())
    return own, own + rest if is_one else rest


def _keys_postgresql(cursor, whole: Sequence[str], last: str) -> tuple[array, array]:
    question = _tsquery(whole, last)
    gathered = "string_agg(organization_id::text, ',')"
    cursor.execute(
        f"SELECT {gathered} FILTER (WHERE own @@ %s::tsquery), {gathered} "
        "FROM directory_words WHERE every @@ %s::tsquery",
        [question, question],
    )
    own, every = map(_numbers, cursor.fetchone())
    return own, every


def snapshot() -> list[tuple]:
    """The whole index as rows that can be compared: for the tests of the doors."""
    order = "rowid, own, place" if connection.vendor == "sqlite" else "organization_id, own, every"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {order} FROM directory_words ORDER BY 1")
        return cursor.fetchall()
