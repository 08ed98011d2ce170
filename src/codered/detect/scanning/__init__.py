"""Who scans, told from the outcomes of first contacts: events in, verdicts out; no clock, no input, no output."""
