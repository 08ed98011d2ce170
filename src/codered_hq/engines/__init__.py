"""Fleet engines behind one interface."""
