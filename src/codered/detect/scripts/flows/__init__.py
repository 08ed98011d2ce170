"""How data flows through the statements of a script, followed loosely, for the languages that need no reader as deep as PHP's."""
