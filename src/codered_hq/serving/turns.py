"""One server of a headquarters' folder at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from codered.model.errors import WrongUse
from codered_hq.config import advise_folder

LOCK_NAME: Final = "serve.lock"


@contextmanager
def serve_alone(folder: Path) -> Iterator[None]:
    """While it is open, this folder of headquarters is served by us. Raises WrongUse if another process serves it."""
    place = folder / LOCK_NAME
    try:
        lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=str(place), advice=advise_folder(folder, error)) from None
    with open(lock, "wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            advice = "use that one, or end it; another CODERED_HQ has a console of its own"
            what = "a console of this headquarters is served already"
            raise WrongUse(what, where=str(folder), advice=advice) from None
        yield
