"""The full-text search index (FTS5 on SQLite, tsvector on PostgreSQL) and what writes it."""

from importlib import import_module

# Migrations 0002 and 0010 landed with `from directory import search` and are not edited.
USED_BY_MIGRATIONS = ("make_tables", "drop_tables", "gather_more")


def __getattr__(name: str) -> object:
    """Import lazily: worker processes use `search.documents` without loading Django's models."""
    if name in USED_BY_MIGRATIONS:
        return getattr(import_module("directory.search.index"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
