"""Writing a file whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from codered.model.errors import WrongUse


def write_whole(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a file that is complete (and with `sync` on the disk) before it has its name, for its owner only. Raises
    WrongUse when it can't be written; then nothing of it is left.
    """
    temporary = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".codered-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=str(path), advice="make room, or choose a folder that you can write to") from None
