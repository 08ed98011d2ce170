"""Flow logs: what other sensors wrote of who reached for whom, read as events."""
