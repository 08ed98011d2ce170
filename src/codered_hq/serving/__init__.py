"""`codered serve`: the server of the console, its certificate and its worker."""
