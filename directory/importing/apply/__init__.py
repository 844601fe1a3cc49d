"""Applying an import plan to the database."""
