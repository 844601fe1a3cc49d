"""The full-text search index (FTS5 on SQLite, tsvector on PostgreSQL) and what writes it."""

from importlib import import_module

# Migrations 0002 and 0010 landed with `from directory import search` and are not edited: the
# names that they use, and what these are called in `directory.search.index` today.
USED_BY_MIGRATIONS = {
    "make_tables": "create_tables",
    "drop_tables": "drop_tables",
    "gather_more": "set_hash_size",
}


def __getattr__(name: str) -> object:
    """Import lazily: worker processes use `search.documents` without loading Django's models."""
    if name in USED_BY_MIGRATIONS:
        return getattr(import_module("directory.search.index"), USED_BY_MIGRATIONS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
