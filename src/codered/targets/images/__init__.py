"""Disk images, read without mounting: containers, partitions, and the file systems in them. Nothing here writes."""
