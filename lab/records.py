"""lab.json: what a laboratory is called and what it has started; written before anything is made, so that an end always
finds it. A process is known by its number and its start together: numbers are used again.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab.namespaces import CannotBuild

NAME = "lab.json"
_FORMAT = "codered/lab/1"
_PATIENCE = 10.0  # seconds to wait for whoever is at it


@dataclass
class Record:
    """`parts`: what runs, as name -> [process, start, namespace]; `plugged`: where a machine that moved is now;
    `dressed`: what a web server answers by now, as machine -> personality.
    """

    id: str
    size: str
    salt: bool = False
    up: bool = False
    parts: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    plugged: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    dressed: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Whole or not at all."""
        fresh = folder / f".{NAME}"
        fresh.write_text(json.dumps({"format": _FORMAT, **asdict(self)}, indent=1))
        fresh.replace(folder / NAME)


def read_record(folder: Path) -> Record | None:
    """The record in this folder; None = there is no laboratory. Raises CannotBuild for a file that is not one."""
    try:
        raw = json.loads((folder / NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise CannotBuild(f"{folder / NAME}: not a laboratory's record") from error
    if raw.pop("format", "") != _FORMAT:
        raise CannotBuild(f"{folder / NAME}: not a laboratory's record")
    raw["parts"] = {name: tuple(part) for name, part in raw["parts"].items()}
    raw["plugged"] = {name: tuple(part) for name, part in raw["plugged"].items()}
    return Record(**raw)


def read_start(process: int) -> int:
    """When a process started, in ticks since the boot; 0 = it is not there, or has ended."""
    try:
        words = Path(f"/proc/{process}/stat").read_text("latin-1").rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] in "ZX" else int(words[19])


def is_alive(part: tuple[int, int, str]) -> bool:
    """Whether this very process still runs."""
    return part[1] != 0 and read_start(part[0]) == part[1]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else builds, changes or takes down the laboratory in this folder meanwhile. Raises CannotBuild."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield  # nothing there to be alone with
        return
    try:
        _lock(place, folder)
        # Programs that we run to their end hold the lock as well: one may outlive us if we are killed.
        os.set_inheritable(place, True)
        yield
    finally:
        os.close(place)


def _lock(place: int, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise CannotBuild(f"{folder}: somebody is building or changing this laboratory right now") from error
        time.sleep(0.02)


def check_folder(folder: Path) -> Path:
    """The folder, absolute. Raises CannotBuild if sockets in it would have too long names, or it is not ours alone."""
    folder = folder.absolute()
    if len(os.fsencode(folder)) > 72:
        raise CannotBuild(f"{folder}: too long a name for sockets in it; choose one of at most 72 bytes with --into")
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != os.geteuid()):
        raise CannotBuild(f"{folder}: belongs to somebody else; choose another one with --into")
    return folder
