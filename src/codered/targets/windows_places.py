"""Where a scan of a Windows host looks when nobody names a place."""

import os
from importlib import resources

import msgspec

from codered.model.target import Place

MOST_FOUND = 2000  # by one pattern
_ANY_DRIVE = "?:\\"
_OWN_FILES = "*."  # the files that lie in the folder itself


def list_windows_places(drives: tuple[str, ...], folders: dict[str, str] | None = None) -> tuple[Place, ...]:
    """The places that exist on these drives (letters), by their real paths. `folders` are the drives' own folders where
    they are not what their letters say.
    """
    roots = {drive: f"{drive}:\\" for drive in drives} if folders is None else folders
    return tuple(Place(place.what, _find(place.paths, roots)) for place in _read_places())


def list_usual_windows_roots() -> tuple[str, ...]:
    """Where web roots usually lie on any drive (`?:`), whether they are there or not; `*` is any folder."""
    return next(place.paths for place in _read_places() if place.what == "web roots")


def _read_places() -> tuple[Place, ...]:
    text = resources.files("codered.targets").joinpath("windows_places.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[Place, ...])


def _find(patterns: tuple[str, ...], roots: dict[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in patterns:
        for root in roots.values():
            found |= dict.fromkeys(_expand(root, pattern.removeprefix(_ANY_DRIVE).split("\\")))
    return tuple(found)


def _expand(root: str, parts: list[str]) -> list[str]:
    here = [root]
    for part in parts:
        here = [name for folder in here for name in _fitting(folder, part)][:MOST_FOUND]
    return here


def _fitting(folder: str, part: str) -> list[str]:
    """What fits in a folder. Links are passed over: what they lead to is looked at where it lies."""
    if "*" not in part:
        path = os.path.join(folder, part)
        return [os.path.realpath(path)] if os.path.isdir(path) and not os.path.islink(path) else []
    wants_files = part == _OWN_FILES
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if _is_wanted(entry, wants_files))
    except OSError:
        return []


def _is_wanted(entry: "os.DirEntry[str]", wants_files: bool) -> bool:
    try:
        return entry.is_file(follow_symlinks=False) if wants_files else entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
