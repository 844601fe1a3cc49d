"""The content of each public page, as template contexts."""
