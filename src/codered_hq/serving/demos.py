"""The folder of the demonstration: a headquarters of its own, begun anew each time, never a real one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from codered.model.errors import Refused, WrongUse
from codered.system.private_files import make_private_folder, state_home
from codered_hq.config import CONFIG_NAME, read_config

NAME: Final = "demo"
_FRESH: Final = ".demo-begins"
_CONFIG: Final = 'name = "demonstration"\nexercise = "simulated"\n'


@contextmanager
def open_demo_folder() -> Iterator[Path]:
    """An empty folder below the tool's state, ours while it is open, and the one that this process now has as its
    headquarters. Raises WrongUse and Refused.
    """
    home = Path(os.environ.get("CODERED_STATE") or state_home()).absolute()
    try:
        make_private_folder(home)
        lock = os.open(home / f"{NAME}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        what = f"the demonstration's folder can't be made: {error.strerror}"
        raise WrongUse(what, where=str(home), advice="set CODERED_STATE to a folder that you can write to") from None
    with open(lock, "wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse("the demonstration is served already", where=str(home), advice="end the other one") from None
        folder = home / NAME
        _begin_anew(folder)
        os.environ["CODERED_HQ"] = str(folder)
        os.environ.pop("CODERED_HQ_DATABASE", None)
        yield folder


def _begin_anew(folder: Path) -> None:
    """Made beside it and moved: whoever ends us, what stands there says whose it is."""
    if os.path.lexists(folder):
        if folder.is_symlink() or not folder.is_dir() or not _is_ours(folder):
            raise Refused("is no demonstration, and stays as it is", where=str(folder), advice="move it away")
        _remove(folder)
    fresh = folder.with_name(_FRESH)
    if os.path.lexists(fresh):
        _remove(fresh)
    make_private_folder(fresh)
    (fresh / CONFIG_NAME).write_text(_CONFIG)
    fresh.rename(folder)


def _is_ours(folder: Path) -> bool:
    return read_config(folder).exercise == "simulated" or not any(folder.iterdir())


def _remove(place: Path) -> None:
    """A folder's file that says whose it is goes last."""
    if place.is_symlink() or not place.is_dir():
        place.unlink()
        return
    for each in place.iterdir():
        if each.name != CONFIG_NAME:
            _remove(each)
    (place / CONFIG_NAME).unlink(missing_ok=True)
    place.rmdir()
