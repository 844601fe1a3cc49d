"""HTML drawn in Python."""
