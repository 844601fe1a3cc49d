"""Readers: the bytes of an uploaded file into a table of text cells."""
