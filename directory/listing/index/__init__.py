"""The in-memory bitmap index that answers filters, orders and facet counts."""
