"""The admin of imports: upload, column mapping, preview, decision."""
