"""One server of a headquarters' folder at a time, and the address at which it serves."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from codered.model.errors import WrongUse
from codered_hq.config import advise_folder

LOCK_NAME: Final = "serve.lock"


_ADDRESS: Final = re.compile(r"https://[a-z0-9.:\[\]-]{1,300}")


@contextmanager
def serve_alone(folder: Path, address: str) -> Iterator[None]:
    """While it is open, this folder of headquarters is served by us, at this address (https://NAME:PORT). Raises
    WrongUse if another process serves it.
    """
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
        held.truncate()
        held.write(address.encode())
        held.flush()
        yield


def find_address(folder: Path) -> str:
    """Where the console of this folder is served, or was last; "" if nobody knows."""
    try:
        with open(
            os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb"
        ) as file:
            address = file.read(400).decode("ascii", "replace")
    except OSError:
        return ""
    return address if _ADDRESS.fullmatch(address) else ""
