"""Containment in the network: ports, VLANs, addresses; each with its undo."""
