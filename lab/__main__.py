"""python -m lab: the same words as the launcher."""

import sys

from lab.words import main

if __name__ == "__main__":
    sys.exit(main())
