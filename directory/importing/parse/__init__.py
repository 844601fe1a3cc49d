"""Parsers: the cells of a row into checked values."""
