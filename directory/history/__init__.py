"""Revisions: the transaction for every write, and the description of changes."""
