"""A scored drill in the laboratory: a team meets an outbreak on real servers and switches, with the real words."""
