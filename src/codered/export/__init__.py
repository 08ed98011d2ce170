"""Reports and plans as bytes for people and for other tools. Reads nouns, changes nothing."""
