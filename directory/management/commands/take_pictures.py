"""The former name of `take_screenshots`, kept for scripts that call it."""

from directory.management.commands.take_screenshots import Command

__all__ = ["Command"]
