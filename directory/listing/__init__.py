"""The member list: filters, index, listing, and the records that are listed."""
