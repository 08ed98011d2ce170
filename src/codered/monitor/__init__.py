"""The watch of a cleaned host: what comes back is noticed at once, told, and held if asked for."""
