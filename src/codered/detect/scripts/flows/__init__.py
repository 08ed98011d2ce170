"""How data flows through the statements of a script, for languages that need no reader as deep as PHP does."""
