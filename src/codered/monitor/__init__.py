"""Watching a cleaned host for recurrence."""
