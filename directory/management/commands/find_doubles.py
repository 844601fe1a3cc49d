"""The former name of `find_duplicates`, kept for scripts that call it."""

from directory.management.commands.find_duplicates import Command

__all__ = ["Command"]
