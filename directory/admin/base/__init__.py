"""Shared parts of the admin: model admin, inlines, form fields, pagination, locking."""
