"""What of a checkout is not as it was committed."""

import os
import stat
from pathlib import Path

from codered.known_good.commits import FILES, LINK, Entry, list_committed, name_object
from codered.self_check.installation import PACKS, list_checkout
from codered.system.descriptors import READ_FILE


def find_changes(root: Path) -> list[str] | None:
    """Files of source and packs that are not as committed, or in no commit; None if git can't tell what is committed.
    Only what Python makes of a source by itself is left out: its compiled file.
    """
    committed = list_committed(root, "src", PACKS)
    if committed is None:
        return None
    changed = {name for name, wanted in committed.items() if not _is_as(root / name, wanted)}
    there = {os.path.normpath(f"src/{name}") for name in list_checkout(root / "src")}
    return sorted(changed | (there - committed.keys()))


def _is_as(path: Path, wanted: Entry) -> bool:
    try:
        if wanted.mode == LINK:
            return _name(os.fsencode(os.readlink(path)), wanted.id) == wanted.id
        with open(os.open(path, READ_FILE), "rb") as file:
            status = os.fstat(file.fileno())
            if wanted.mode not in FILES or not stat.S_ISREG(status.st_mode) or status.st_size != wanted.size:
                return False
            return _name(file.read(wanted.size + 1), wanted.id) == wanted.id
    except OSError:
        return False


def _name(body: bytes, like: str) -> str:
    return name_object(len(body), (body,), like)
