"""The officers' side: data entry, imports, and the rules across rows."""
