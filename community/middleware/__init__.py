"""Middleware: security headers, input validation, and answers while the database is down."""
