"""Recognising a folder that is laid out as a Windows volume, or that holds one folder a drive letter."""

import os
import re
from collections.abc import Callable, Iterable

from codered.model.target import Volume

_DRIVE = re.compile(r"^(?:drive[_-]?)?([a-z])(?::|[_-]?drive)?\Z", re.IGNORECASE | re.ASCII)
_USUAL = (b"winnt", b"windows", b"winnt40", b"win2k")


def find_volumes(folder: bytes, prefix: str) -> tuple[Volume, ...]:
    """The Windows volumes in an existing folder whose path below the target's root is `prefix`: the folder itself, or
    its sub-folders named after drives when at least one of them looks like a volume. Empty when there are none.
    """
    names = _folders_in(folder)
    if looks_like_volume(folder):
        return (Volume(prefix, "C"),)
    drives = _drive_folders(names)
    if not any(looks_like_volume(os.path.join(folder, name)) for name in drives):
        return ()
    return _volumes_of(drives, prefix)


def declared_volumes(folder: bytes, prefix: str) -> tuple[Volume, ...]:
    """As `find_volumes`, for a folder of which the user says that it is a system's root: drive folders need no further
    sign, and everything outside of them is taken for drive C, so that nothing is without a Windows name: a folder `z`
    on a data drive must not hide the rest of it.
    """
    found = find_volumes(folder, prefix) or _volumes_of(_drive_folders(_folders_in(folder)), prefix)
    whole = Volume(prefix, "C")
    return found if whole in found else (*found, whole)


def looks_like_volume(folder: bytes) -> bool:
    """A Windows system folder, or an IIS content folder, at the top."""
    return any(
        name.lower() == b"inetpub" or is_system_folder(name, lambda rel: _folders_in(os.path.join(folder, rel)))
        for name in _folders_in(folder)
    )


def is_system_folder(name: bytes, list_folders: Callable[[bytes], Iterable[bytes]]) -> bool:
    """Whether the folder `name` at the top of a volume is a Windows, which may have any name: it holds system32 with
    the hives' folder `config` in it; one of a usual name needs no `config`. `list_folders` names the folders in a path
    below the volume.
    """
    for inner in list_folders(name):
        if inner.lower() == b"system32" and (
            name.lower() in _USUAL or b"config" in (each.lower() for each in list_folders(name + b"/" + inner))
        ):
            return True
    return False


def _drive_folders(names: list[bytes]) -> dict[bytes, str]:
    found = {name: _DRIVE.match(os.fsdecode(name)) for name in names}
    return {name: match[1].upper() for name, match in found.items() if match}


def _volumes_of(drives: dict[bytes, str], prefix: str) -> tuple[Volume, ...]:
    start = prefix + "/" if prefix else ""
    return tuple(Volume(start + os.fsdecode(name), drive) for name, drive in sorted(drives.items()))


def _folders_in(folder: bytes) -> list[bytes]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
