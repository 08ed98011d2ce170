"""What is said where a library that this tool is made of is not there. It loads nothing but Python's own."""

import sys
from typing import NoReturn

_WRONG_USE = 2  # as in model.errors
_OURS = ("codered", "codered_hq")


def tell_missing(error: ModuleNotFoundError) -> NoReturn:
    """End with one line and the exit code of wrong use. A module of our own that is missing is a bug, and raised."""
    library = (error.name or "").partition(".")[0]
    if not library or library in _OURS:
        raise error
    sys.stderr.write(
        f"codered: {library} is missing: this tool can't run without it — install it with what it needs: "
        "pip install codered-detect (a wheel by its file name, without --no-deps)\n"
    )
    sys.exit(_WRONG_USE)
