"""A report's file: whole or not at all, readable by its owner."""

import contextlib
import os
import tempfile
from pathlib import Path

from codered.model.errors import WrongUse


def write_bytes(path: Path, content: bytes) -> None:
    """Write it; a file of the name is replaced, a link is not followed. Raises WrongUse when it can't be written."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".codered-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        advice = "choose a folder that you can write to, with room in it"
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice=advice) from None
