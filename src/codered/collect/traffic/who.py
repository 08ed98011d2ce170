"""Who an actor's key stands for."""

import hashlib
import ipaddress
import os
import stat
import sys
from contextlib import suppress
from typing import TypeVar

from codered.collect.process_identity import identify_process
from codered.collect.traffic.programs import Program, Programs
from codered.model.traffic import Actor

if sys.platform != "win32":
    import pwd

MOST_ACTORS = 1 << 15
MOST_HASHED = 1 << 30  # bytes of a program
GONE = "its process was gone before it could be asked for"
_LOOPBACK = bytes(15) + b"\x01"
_T = TypeVar("_T")
_PIECE = 1 << 20


class Actors:
    """Makes keys, and describes them: a process by `pid <pid> <start>`, whoever has none by the packed address."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._known: dict[bytes, tuple[Program, bytes]] = {}
        self._unknown: dict[bytes, tuple[bytes, str]] = {}
        try:
            self._network = os.readlink("/proc/thread-self/ns/net")
        except OSError:
            self._network = ""

    def find(self, thread: int, at: int, source: bytes) -> tuple[bytes, Program | None]:
        """The key, and what is known of the process, of a thread that did something `at` (ns of CLOCK_MONOTONIC)."""
        program = self._programs.find(thread, at)
        if program is None:
            key = b"gone %d" % thread
            _keep(self._unknown, key, (source, GONE))
            return key, None
        return self.name(program, source), program

    def catch_up(self) -> None:
        """Know all processes that have begun up to now."""
        self._programs.catch_up()

    def name(self, program: Program, source: bytes) -> bytes:
        """The key of a process."""
        known = self._known.get(program.key)
        if known is None or known[0] is not program:
            _keep(self._known, program.key, (program, source))
        return program.key

    def find_program(self, actor: bytes) -> Program | None:
        """What is known of a process by its key; None if it is no process."""
        known = self._known.get(actor)
        return known[0] if known is not None else None

    def name_nobody(self, source: bytes, why: str) -> bytes:
        """The key of an address without a process."""
        if source not in self._unknown:
            _keep(self._unknown, source, (source, why))
        return source

    def is_ours(self, program: Program | None, source: bytes, *, by_address: bool) -> bool:
        """Whether a process reached out from our network namespace; where that is not to be read, its address says
        (every namespace has the addresses of its own loopback: those say nothing).
        """
        if program is None or not program.network or not self._network:
            return by_address and source[:1] != b"\x7f" and source != _LOOPBACK
        if (program.network == self._network) != by_address:
            program = self._programs.look_again(program)  # it may have moved since
        return by_address and program.network in ("", self._network)

    def describe(self, actor: bytes) -> Actor:
        """What is known of it."""
        known = self._known.get(actor)
        if known is None:
            source, why = self._unknown.get(actor, (actor, "it is seen by its address only"))
            return Actor(address=show_address(source), why_no_process=why)
        program, source = known
        return Actor(
            address=show_address(source),
            process=program.id,
            name=program.name,
            program=program.program.removesuffix(" (deleted)"),
            command=program.command,
            user=_name_user(program.uid),
        )

    def is_foreign(self, actor: bytes) -> bool:
        """Whether the process is known to be in another network namespace than ours (a container)."""
        known = self._known.get(actor)
        return known is not None and known[0].network not in ("", self._network)

    def hash_program(self, actor: bytes) -> str:
        """The SHA-256 of what it runs, in hex; "" if the process is gone and its program is no regular file any more,
        or neither can be read.
        """
        known = self._known.get(actor)
        if known is None:
            return ""
        program = known[0]
        if identify_process(program.id.pid) == program.id:
            with suppress(OSError):
                return _hash_file(f"/proc/{program.id.pid}/exe")
        if self.is_foreign(actor) or not program.program.startswith("/"):
            return ""
        with suppress(OSError):
            return _hash_file(program.program)
        return ""


def show_address(packed: bytes) -> str:
    """An address as text; "" if it is none."""
    return str(ipaddress.ip_address(packed)) if len(packed) in (4, 16) else ""


def _keep(table: dict[bytes, _T], key: bytes, value: _T) -> None:
    table.pop(key, None)
    table[key] = value
    if len(table) > MOST_ACTORS:
        del table[next(iter(table))]


def _name_user(uid: int) -> str:
    if uid < 0:
        return ""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _hash_file(place: str) -> str:
    found = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            return ""
        sum_ = hashlib.sha256()
        for _ in range(MOST_HASHED // _PIECE):
            piece = os.read(found, _PIECE)
            if not piece:
                return sum_.hexdigest()
            sum_.update(piece)
        return ""
    finally:
        os.close(found)
