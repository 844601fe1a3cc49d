"""The site: knows how to set itself up, run and be tested, and nothing of members."""
