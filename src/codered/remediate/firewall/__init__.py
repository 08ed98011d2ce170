"""Our own tables in the firewall of this host: made, read, confirmed and taken away; nobody else's is touched."""
