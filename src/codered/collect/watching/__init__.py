"""What happens on this host while it happens: changes below folders, who wrote, program starts, listening sockets."""
