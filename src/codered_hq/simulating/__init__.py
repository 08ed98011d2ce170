"""How worms spread: the outbreak of a drill, second by second. No Django."""
