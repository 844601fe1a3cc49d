"""The import plan: what each row would change."""
