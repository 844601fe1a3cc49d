"""Fixtures built from the source documents."""
