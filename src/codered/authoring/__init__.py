"""Making a threat pack: drafting one from samples, trying, explaining and timing what it says."""
