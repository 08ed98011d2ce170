"""A disk image made writable without touching it: what is written goes to an overlay; its volumes are mounted."""
