"""Where a known-good file comes from: the package itself, a baseline's store, a folder or image. Verified, or refused."""
