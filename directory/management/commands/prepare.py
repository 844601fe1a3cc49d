"""The former name of `bootstrap`, kept for scripts that call it."""

from directory.management.commands.bootstrap import Command

__all__ = ["Command"]
