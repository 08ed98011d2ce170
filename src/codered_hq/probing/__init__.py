"""The sweep on sockets: what answers at an address, and what the packs' probes say about it."""
