"""Programs that a plan never ends, whoever accuses them: a machine without them is cut off, or loses data.

A name alone protects nobody, for a worm can take any: the program must be a package's, or must be reached over the
network and lie where no worm drops its files first.
"""

import fnmatch
import os

from codered.model.errors import Refused
from codered.model.paths import path_from_bytes
from codered.remediate.drafts import Ground, NeverStopped, read_system_places
from codered.remediate.process_places import find_program, identify_program, serves_network


def explain_never_stopped(pid: int, ground: Ground) -> str:
    """Why this process is left alone, and what to do instead; "" if it may be ended."""
    try:
        path = find_program(pid)
    except OSError:
        return ""
    name = os.fsdecode(os.path.basename(path))
    for entry in read_system_places().never_stopped:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in entry.names) and _is_genuine(pid, path, entry, ground):
            return f"{entry.because}: remove what made it suspect, then restart the service of {name} yourself"
    return ""


def _is_genuine(pid: int, path: bytes, entry: NeverStopped, ground: Ground) -> bool:
    places, rel = read_system_places(), _find_below(path, ground)
    if rel.startswith(places.anybodys_places):
        return False
    if _is_there(pid, path):
        owner = ground.wishes.owner_of(path_from_bytes(path))
        if owner or (owner is None and rel.startswith(places.program_places)):
            return True
    if any(part.startswith(".") for part in rel.split("/")):
        return False
    usual = rel.startswith((*places.built_places, *places.program_places))
    return (entry.anywhere or usual) and serves_network(pid)


def _is_there(pid: int, path: bytes) -> bool:
    """Whether what it runs is the very file that we find there: not one of a container, or mounted over it."""
    try:
        seen = os.stat(path)
    except OSError:
        return False
    return identify_program(pid) == (seen.st_dev, seen.st_ino)


def _find_below(path: bytes, ground: Ground) -> str:
    """The path below the root; what a container runs has none, and is told by its own."""
    try:
        return os.fsdecode(ground.find_below(path_from_bytes(path)))
    except Refused:
        return os.fsdecode(path).lstrip("/")
