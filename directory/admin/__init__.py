"""The desk: where officers enter and correct what the directory knows."""
