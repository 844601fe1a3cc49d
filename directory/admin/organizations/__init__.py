"""The admin of organizations."""
