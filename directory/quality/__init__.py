"""Data quality: rules across rows, and the issues stored for each organization."""
