"""Where a known-good file comes from: its package, a baseline's store, a folder. Verified, or refused."""
