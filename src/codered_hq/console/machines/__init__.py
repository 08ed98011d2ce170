"""Hosts, findings, plans; what is done to machines."""
