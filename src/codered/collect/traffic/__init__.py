"""What a Linux host can tell of its own connection attempts, while they happen."""
