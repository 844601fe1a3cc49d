"""Imports of lists: a file is read into rows, parsed, planned, and applied."""
