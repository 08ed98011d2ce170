"""Drills: an outbreak that is played, and what the team made of it, scored."""
