"""What is sent to hosts: the host tool in one file."""
