"""The admin: where officers enter and correct the data of the directory."""
