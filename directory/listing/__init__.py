"""Who answers which question: filters, index, listing, and the records that are listed."""
