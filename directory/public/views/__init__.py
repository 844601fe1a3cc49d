"""View functions of the public site."""
