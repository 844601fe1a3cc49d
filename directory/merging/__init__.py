"""Merging two organizations into one: preview, and the merge itself."""
