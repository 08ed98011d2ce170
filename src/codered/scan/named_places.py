"""The very places that packs name for files: they are few, and are looked at on every whole system."""

import fnmatch
import os

from codered.model.pack import LoadedPack
from codered.model.target import Place, Target

NAMED = "places that packs name"
MOST_NAMES = 1000  # found by patterns
MOST_LISTED = 20_000  # names in one folder


def find_named(target: Target, packs: tuple[LoadedPack, ...]) -> Place | None:
    """Those of the packs' paths that exist on the target; None if none does."""
    if target.info.system == "windows":
        return _make_place(target, _find_windows(target, packs))
    patterns = [
        path
        for loaded in packs
        for sign in loaded.pack.files
        if sign.platform != "windows"
        for path in sign.paths
        if path.startswith("/")
    ]
    found = [rel for pattern in dict.fromkeys(patterns) for rel in _expand(target, os.fsencode(pattern.lstrip("/")))]
    return _make_place(target, found)


def _make_place(target: Target, found: list[bytes]) -> Place | None:
    paths = tuple(os.fsdecode(target.absolute(rel)) for rel in dict.fromkeys(found))[:MOST_NAMES]
    return Place(NAMED, paths) if paths else None


def _find_windows(target: Target, packs: tuple[LoadedPack, ...]) -> list[bytes]:
    """The Windows paths without `*`: a pattern there means a folder that is looked at as a whole."""
    signs = [sign for loaded in packs for sign in loaded.pack.files if sign.platform != "unix"]
    paths = dict.fromkeys(path for sign in signs for path in sign.paths if ":\\" in path and "*" not in path)
    return [rel for path in paths for rel in target.find(path)]


def _expand(target: Target, pattern: bytes) -> list[bytes]:
    """The paths below the root that fit, component by component; links are not followed."""
    here = [b""]
    for part in pattern.split(b"/"):
        here = [_join(folder, name) for folder in here[:MOST_NAMES] for name in _fitting(target, folder, part)]
    return here


def _fitting(target: Target, folder: bytes, part: bytes) -> list[bytes]:
    try:
        directory = target.open_dir(folder)
    except OSError:
        return []
    try:
        if b"*" not in part:
            os.stat(part, dir_fd=directory, follow_symlinks=False)
            return [part]
        shape = part.replace(b"[", b"[[]").replace(b"?", b"[?]")
        with os.scandir(directory) as entries:
            names = [os.fsencode(entry.name) for _, entry in zip(range(MOST_LISTED), entries, strict=False)]
        return sorted(name for name in names if fnmatch.fnmatchcase(name, shape))
    except OSError:
        return []
    finally:
        os.close(directory)


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
