"""Headquarters: every system known, swept and scanned, on an existing fleet engine, with honest coverage."""
