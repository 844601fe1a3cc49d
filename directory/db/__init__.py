"""Database access below the ORM: expressions, bulk inserts, column reads, prepared queries."""
