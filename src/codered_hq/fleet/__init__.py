"""Runs of the host tool on many hosts, the reports that come back, and what is due."""
