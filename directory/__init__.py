"""The directory: organizations, the roles they hold in communities, and how we know."""
