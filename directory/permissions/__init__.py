"""Who may read, write and publish what."""
