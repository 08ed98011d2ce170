"""What changes, told to open pages at once."""
