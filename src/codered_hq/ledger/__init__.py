"""What was decided and done: a chain of signed entries."""
