"""Target to observations: walking files, reading contents and logs. Nothing here judges."""
