"""Which places of a system a baseline is of: what can be run, is served, or decides what runs. Users' data is not known
good, nor is what the system writes all the time. The names are in `baseline_places.json`.
"""

import os
import stat
from functools import cache
from importlib import resources

import msgspec

from codered.collect.file_states import Start, join
from codered.model.target import Place, Target
from codered.targets.host_places import list_host_places


class _Table(msgspec.Struct, frozen=True):
    places: tuple[str, ...]
    home_folders: tuple[str, ...]
    left_out: dict[str, str]
    kept_under: tuple[str, ...]
    never_kept: tuple[str, ...]


def list_starts(target: Target, web_roots: tuple[bytes, ...]) -> tuple[Start, ...]:
    """Where a whole system is recorded from, outer folders first: on a live host the places of the table, the web roots
    and of each home folder the files whose names begin with a dot; of any other tree everything.
    """
    if target.info.kind != "live_linux":
        return (Start(b""),)
    table = _read_table()
    found = [Start(place.encode()) for place in table.places if is_folder(target, place.encode())]
    found += [Start(root) for root in web_roots if not any(_lies_in(root, start.rel) for start in found)]
    for home in _list_homes(target):
        found.append(Start(home, "dots"))
        inner = [join(home, name.encode()) for name in table.home_folders]
        found += [Start(rel) for rel in inner if is_folder(target, rel)]
    return tuple(dict.fromkeys(found))


def find_web_roots(target: Target) -> tuple[bytes, ...]:
    """The web roots that there are, below the root: of this host as configured, elsewhere the usual ones."""
    if target.info.kind == "live_linux":
        return tuple(os.fsencode(path).strip(b"/") for path in _paths_of("web roots", list_host_places()))
    raw = resources.files("codered.targets").joinpath("host_places.json").read_bytes()
    usual = _paths_of("web roots", msgspec.json.decode(raw, type=tuple[Place, ...]))
    return tuple(rel for rel in (path.encode().strip(b"/") for path in usual) if is_folder(target, rel))


def why_left_out(rel: bytes, own: tuple[bytes, ...] = ()) -> str:
    """Why a folder is not part of a baseline; "" if it is. `own` are the tool's own folders, below the root."""
    if rel in own:
        return "the tool's own folder"
    return _read_table().left_out.get(rel.decode(errors="replace"), "")


def is_kept(rel: bytes, web_roots: tuple[bytes, ...]) -> bool:
    """Whether the content of a file is kept for restoring."""
    table = _read_table()
    if any(_lies_in(rel, name.encode()) for name in table.never_kept):
        return False
    return any(_lies_in(rel, root) for root in web_roots) or any(
        _lies_in(rel, name.encode()) for name in table.kept_under
    )


def is_folder(target: Target, rel: bytes) -> bool:
    """Whether there is a folder, and no link to one."""
    try:
        descriptor = target.open_dir(rel)
    except OSError:
        return False
    os.close(descriptor)
    return True


def _list_homes(target: Target) -> list[bytes]:
    found = [b"root"] if is_folder(target, b"root") else []
    try:
        directory = target.open_dir(b"home")
    except OSError:
        return found
    try:
        names = sorted(os.fsencode(name) for name in os.listdir(directory))
        for name in names:
            if stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
                found.append(join(b"home", name))
    except OSError:
        return found
    finally:
        os.close(directory)
    return found


def _paths_of(what: str, places: tuple[Place, ...]) -> tuple[str, ...]:
    return tuple(path for place in places if place.what == what for path in place.paths)


def _lies_in(rel: bytes, folder: bytes) -> bool:
    return not folder or rel == folder or rel.startswith(folder + b"/")


@cache
def _read_table() -> _Table:
    raw = resources.files("codered.scan").joinpath("baseline_places.json").read_bytes()
    return msgspec.json.decode(raw, type=_Table)
