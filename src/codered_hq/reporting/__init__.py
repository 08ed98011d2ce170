"""Reports of an incident: the five numbers, the curve, coverage, what waits, for people and programs."""
