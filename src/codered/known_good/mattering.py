"""What of a change matters: not what the system writes by itself, and of what is new only what runs, is served, or
decides what runs. The names are in `mattering.json`.
"""

import stat
from functools import cache
from importlib import resources

import msgspec

from codered.model.known_good import DeviationKind, FileRecord

_SET_ID = stat.S_ISUID | stat.S_ISGID
_ANY_X = 0o111


class _Generated(msgspec.Struct, frozen=True):
    """Files that change by themselves: by their name, its ending, the folder they lie under, or their whole path; some
    only `with_packages`: they decide what is loaded, and are written where packages change.
    """

    why: str
    names: frozenset[str]
    endings: tuple[str, ...]
    under: tuple[str, ...]
    paths: frozenset[str]
    with_packages: bool = False


class _Table(msgspec.Struct, frozen=True):
    generated: tuple[_Generated, ...]
    runnable_endings: tuple[str, ...]
    program_folders: tuple[str, ...]
    config_folders: tuple[str, ...]


class Surroundings(msgspec.Struct, frozen=True):
    """Where files lie: the web roots (below the root); `plain`: the target is no system but some folder, of which every
    new file matters.
    """

    web_roots: tuple[bytes, ...] = ()
    plain: bool = False


def why_generated(rel: bytes, now: FileRecord | None, head: bytes = b"", packages_changed: bool = False) -> str:
    """Why a change of this file says nothing; "" if it does. Never of what gives rights or is a program, whatever its
    name: `head` are its first bytes. `packages_changed`: some did since.
    """
    if now is not None and (now.mode & _SET_ID or (stat.S_ISREG(now.mode) and is_program(head))):
        return ""
    path = rel.decode(errors="backslashreplace")
    name = path.rpartition("/")[2]
    for item in _table().generated:
        if item.with_packages and now is not None and not (packages_changed and stat.S_ISREG(now.mode)):
            continue
        if (
            path in item.paths
            or name in item.names
            or name.endswith(item.endings)
            or any(path.startswith(folder + "/") for folder in item.under)
        ):
            return item.why
    return ""


def judge_new(rel: bytes, now: FileRecord, head: bytes, around: Surroundings) -> DeviationKind | None:
    """What a file is that was not there; None if it does not matter. Folders do not: what lies in them is judged."""
    if stat.S_ISDIR(now.mode):
        return None
    if any(is_under(rel, root) for root in around.web_roots):
        return "new-web-file"
    path = rel.decode(errors="backslashreplace")
    if stat.S_ISREG(now.mode):
        runs = now.mode & (_ANY_X | _SET_ID) or is_program(head) or path.endswith(_table().runnable_endings)
        if runs and (around.plain or _is_under_any(path, _table().program_folders)):
            return "new-executable"
    return "new-file" if around.plain or _is_under_any(path, _table().config_folders) else None


def is_program(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a program or script."""
    return head.startswith((b"\x7fELF", b"#!", b"<?php"))


def is_under(rel: bytes, folder: bytes) -> bool:
    """Whether a path is a folder or lies in it; everything lies in the root b""."""
    return not folder or rel == folder or rel.startswith(folder + b"/")


def _is_under_any(path: str, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(folder + "/") for folder in folders)


@cache
def _table() -> _Table:
    return msgspec.json.decode(
        resources.files("codered.known_good").joinpath("mattering.json").read_bytes(), type=_Table
    )
