"""What differs between operating systems: descriptors, rights, files that are ours alone. Leans on nothing."""
