"""Merging two organizations into one."""
