"""Families of processes: who started those that reach out, for what starts a new process for each attempt never tries
enough with one of them.
"""

import posixpath
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.collect.process_identity import ENDED, read_stat
from codered.collect.traffic.programs import Program, Programs
from codered.model.process import ProcessId

MOST_HEADS = 3
_MOST_ABOVE = 64  # ancestors, those that are gone included
_FAMILY = b"family "


class Head(NamedTuple):
    """An ancestor of a process. `key` is its family's key as an actor, `branch` the key of that child of it (the
    nearest that lives, else the process itself) over which they are related.
    """

    program: Program
    key: bytes
    branch: bytes


class _Table(msgspec.Struct, frozen=True):
    folders: tuple[str, ...]
    names: frozenset[str]


def find_heads(program: Program, programs: Programs) -> tuple[Head, ...]:
    """The nearest ancestors that live on, at most three; where none does, the oldest that is gone. None is as wide as
    init, a container's runtime or sshd: what these start has nothing in common.
    """
    heads: list[Head] = []
    below, branch, oldest = program, program.key, None
    for _ in range(_MOST_ABOVE):
        above = programs.find_parent(below)
        if above is None or above.id == below.id or is_wide(above):
            break
        if _lives(above.id):
            heads.append(Head(above, make_family_key(above.id), branch))
            branch = above.key
            if len(heads) == MOST_HEADS:
                break
        else:
            oldest = Head(above, make_family_key(above.id), program.key)
        below = above
    return tuple(heads) or ((oldest,) if oldest is not None else ())


def is_wide(program: Program) -> bool:
    """Whether what it starts has nothing in common: by its place, which takes root's rights to be at."""
    table = _read_table()
    folder, name = posixpath.split(program.program)
    return program.id.pid <= 2 or (folder in table.folders and name in table.names)


def is_at_terminal(process: ProcessId) -> bool:
    """Whether it is the first process of a terminal's session: a shell that somebody types into."""
    try:
        line = read_stat(f"/proc/{process.pid}")
    except ProcessLookupError:
        return False
    return line.start == process.start and line.tty and line.session == line.pid


def make_family_key(process: ProcessId) -> bytes:
    """The actor's key of all that a process has started."""
    return b"%s%d %d" % (_FAMILY, process.pid, process.start)


def is_family(key: bytes) -> bool:
    """Whether an actor's key is that of a family."""
    return key.startswith(_FAMILY)


def name_head(key: bytes) -> bytes:
    """The actor's key of the process that a family stems from; any other key as it is."""
    return b"pid " + key.removeprefix(_FAMILY) if is_family(key) else key


def _lives(process: ProcessId) -> bool:
    try:
        line = read_stat(f"/proc/{process.pid}")
    except ProcessLookupError:
        return False
    return line.start == process.start and line.state not in ENDED


@cache
def _read_table() -> _Table:
    raw = resources.files("codered.collect.traffic").joinpath("wide_parents.json").read_bytes()
    return msgspec.json.decode(raw, type=_Table)
