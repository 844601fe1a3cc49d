"""Where readers come in: pages, files and suggestions, each showing the list as it is asked."""
