"""The former name of `rebuild_search_index`, kept for scripts that call it."""

from directory.management.commands.rebuild_search_index import Command

__all__ = ["Command"]
