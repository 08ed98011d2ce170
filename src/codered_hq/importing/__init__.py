"""Inventory files of other systems -> records."""
