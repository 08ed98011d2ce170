"""Evidence: collected in order of volatility, sealed in a container, with a chain of custody that anyone can verify."""
