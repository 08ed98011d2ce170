"""`python -m codered`."""

from codered.cli import main

main()
