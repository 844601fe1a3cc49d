"""Other formats of the public site: CSV, vCard, JSON-LD, sitemaps, images."""
