"""Whether this installation can be trusted, and what it can do here. It changes nothing but temporary folders."""
