"""Undo: takes back a revision, or puts an organization back to one."""
