"""Changes to a target: planned, journaled, reversible. A new kind: a file in `actions/`, a line in its list."""
