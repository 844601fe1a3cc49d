"""Duplicate detection: name normalization, similarity, candidate pairs."""
