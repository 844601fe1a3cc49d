"""The fixtures of the directory, built from an extraction of the source documents."""
