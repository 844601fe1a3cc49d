"""Write and query the full-text index of names, which the database itself keeps.

SQLite: an FTS5 table. PostgreSQL: two tsvector columns under GIN, no extension. Both hold one
row for each organization: `own` from its own names and codes, `place` from its regions' names.
"""

import json
from array import array
from collections.abc import Collection, Sequence

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper

from directory.db.bulk import is_consecutive
from directory.models import Reading
from directory.search.documents import DocumentBatch
from directory.text import tokens

CREATE_VOCABULARY = "CREATE TABLE directory_vocabulary (word varchar(40) PRIMARY KEY)"
CREATE_SQLITE = (
    "CREATE VIRTUAL TABLE directory_words USING fts5("
    'own, place, tokenize="unicode61 remove_diacritics 0", detail=column, columnsize=0)'
)
# Bytes of new words that SQLite buffers before it writes them: eight times its default.
HASH_SIZE = 8 << 20
SET_HASH_SIZE = (
    f"INSERT INTO directory_words (directory_words, rank) VALUES ('hashsize', {HASH_SIZE})"
)
CREATE_POSTGRESQL = (
    "CREATE TABLE directory_words (organization_id bigint PRIMARY KEY, "
    "own tsvector NOT NULL, every tsvector NOT NULL)",
    "CREATE INDEX directory_words_every ON directory_words USING gin (every)",
)


def create_tables(schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    for statement in (CREATE_SQLITE,) if vendor == "sqlite" else CREATE_POSTGRESQL:
        schema_editor.execute(statement)
    schema_editor.execute(CREATE_VOCABULARY)


def set_hash_size(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SET_HASH_SIZE)


def drop_tables(schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE directory_words")
    schema_editor.execute("DROP TABLE directory_vocabulary")


# -- Writing -----------------------------------------------------------------


def write_documents(batch: DocumentBatch) -> None:
    """Insert or replace these documents, and add their words to the vocabulary.

    They are not deleted first, as SQLite would then have to write all that it has buffered.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            into = "INSERT OR REPLACE INTO directory_words (rowid, own, place) VALUES (%s, %s, %s)"
            cursor.executemany(into, batch.documents)
        else:
            vector = "array_to_tsvector(string_to_array(%s, ' '))"
            cursor.executemany(
                f"INSERT INTO directory_words VALUES (%s, {vector}, {vector}) "
                "ON CONFLICT (organization_id) DO UPDATE SET own = EXCLUDED.own, "
                "every = EXCLUDED.every",
                [(key, own, f"{own} {place}".strip()) for key, own, place in batch.documents],
            )
    add_to_vocabulary(batch.vocabulary)


def add_to_vocabulary(words: Collection[str]) -> None:
    """Add words to the vocabulary, against which mistyped ones are compared."""
    into, unless_present = "INSERT INTO directory_vocabulary (word)", "ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            params = [(word,) for word in sorted(words)]
            cursor.executemany(f"{into} VALUES (%s) {unless_present}", params)
        else:
            cursor.execute(f"{into} SELECT unnest(%s::text[]) {unless_present}", [sorted(words)])


def load_readings() -> None:
    """Load the custom pinyin readings of the database into this process."""
    rows = Reading.objects.values_list("han", "pinyin")
    tokens.set_readings({han: tuple(pinyin.split()) for han, pinyin in rows})


def delete_documents(keys: Collection[int]) -> None:
    column = "rowid" if connection.vendor == "sqlite" else "organization_id"
    delete, keys = f"DELETE FROM directory_words WHERE {column}", sorted(keys)
    with connection.cursor() as cursor:
        if is_consecutive(keys):
            cursor.execute(f"{delete} BETWEEN %s AND %s", (keys[0], keys[-1]))
        else:
            cursor.executemany(f"{delete} = %s", [(key,) for key in keys])


# -- Querying ----------------------------------------------------------------


def search(query: str) -> tuple[set[int], set[int]]:
    """Return who matches by names of their own, and who by any word, their region's included.

    Both are sets of organization ids, drafts among them: the caller filters them.
    """
    own, every = search_keys(query)
    return set(own), set(every)


def search_keys(query: str) -> tuple[array, array]:
    """Do the same with arrays, for queries that may match everybody."""
    parsed = tokens.parse_query(query)
    if parsed is None:
        return array("I"), array("I")
    run = _search_keys_sqlite if connection.vendor == "sqlite" else _search_keys_postgresql
    with connection.cursor() as cursor:
        return run(cursor, *parsed)


def _parse_keys(text: str | None) -> array:
    """Parse keys that the database aggregated into one text.

    A row for each would take ten times as long.
    """
    return array("I", json.loads(f"[{text}]")) if text else array("I")


def search_first(query: str, most: int, narrow: bool = False) -> list[int]:
    """Return the ids of the first `most` matches, those by names of their own before the others.

    `narrow` leaves the others out where anybody matches by a name of its own.
    """
    parsed = tokens.parse_query(query)
    if parsed is None:
        return []
    with connection.cursor() as cursor:
        keys = dict.fromkeys(_search_column(cursor, "own", *parsed, most))
        if len(keys) < most and not (narrow and keys):
            keys |= dict.fromkeys(_search_column(cursor, "every", *parsed, most))
    return list(keys)[:most]


def _search_column(
    cursor: CursorWrapper, column: str, whole: Sequence[str], last: str, most: int
) -> list[int]:
    if connection.vendor == "sqlite":
        match = _build_fts5_query(whole, last)
        match = f"own : ({match})" if column == "own" else match
        sql = "SELECT rowid FROM directory_words WHERE directory_words MATCH %s LIMIT %s"
        cursor.execute(sql, [match, most])
    else:
        # The index is on all words: those of a region are filtered out row by row.
        sql = "SELECT organization_id FROM directory_words WHERE every @@ %s::tsquery"
        sql += " AND own @@ %s::tsquery LIMIT %s" if column == "own" else " LIMIT %s"
        match = _build_tsquery(whole, last)
        cursor.execute(sql, [match] * (2 if column == "own" else 1) + [most])
    return [key for (key,) in cursor.fetchall()]


def _build_fts5_query(whole: Sequence[str], last: str) -> str:
    return " AND ".join([f'"{word}"' for word in whole] + ([f'"{last}" *'] if last else []))


def _build_tsquery(whole: Sequence[str], last: str) -> str:
    # The words hold letters and digits only, so quotes are enough to keep them words.
    return " & ".join([f"'{word}'" for word in whole] + ([f"'{last}':*"] if last else []))


def _search_keys_sqlite(
    cursor: CursorWrapper, whole: Sequence[str], last: str
) -> tuple[array, array]:
    match = _build_fts5_query(whole, last)
    # Whoever matches a single word has it among its own words or among its region's.
    is_one = len(whole) + bool(last) == 1
    select = "(SELECT group_concat(rowid) FROM directory_words WHERE directory_words MATCH %s)"
    other = f"place : ({match})" if is_one else match
    cursor.execute(f"SELECT {select}, {select}", [f"own : ({match})", other])
    own, rest = map(_parse_keys, cursor.fetchone())
    return own, own + rest if is_one else rest


def _search_keys_postgresql(
    cursor: CursorWrapper, whole: Sequence[str], last: str
) -> tuple[array, array]:
    match = _build_tsquery(whole, last)
    aggregate = "string_agg(organization_id::text, ',')"
    cursor.execute(
        f"SELECT {aggregate} FILTER (WHERE own @@ %s::tsquery), {aggregate} "
        "FROM directory_words WHERE every @@ %s::tsquery",
        [match, match],
    )
    own, every = map(_parse_keys, cursor.fetchone())
    return own, every


def dump_index() -> list[tuple]:
    """Return the whole index as rows that can be compared, for tests."""
    order = "rowid, own, place" if connection.vendor == "sqlite" else "organization_id, own, every"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {order} FROM directory_words ORDER BY 1")
        return cursor.fetchall()
