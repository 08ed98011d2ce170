"""What stays out of a container unless it is asked for: private keys and passwords, by name and by what is in them."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib import resources

import msgspec

from codered.evidence.container import NotKept
from codered.model.target import Target

REASON = "a secret: --include-secrets takes it too"
START = 40  # bytes: the first line of a PEM file, and less than stands before what a stranger can have logged


class Secrets(msgspec.Struct, frozen=True):
    """Patterns of paths below the root and of names, in lower case, and what stands in files that hold a private key.
    Without any of them everything is taken. `files` are device and inode of those of a machine, for a secret may have
    a harmless name as well (a hard link).
    """

    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    files: frozenset[tuple[int, int]] = frozenset()

    def names_secret(self, rel: bytes) -> bool:
        """Whether a file is secret by where it lies or what it is called."""
        path = rel.decode(errors="backslashreplace").lower()
        name = path.rpartition("/")[2]
        return any(fnmatchcase(path, one) for one in self.paths) or any(fnmatchcase(name, one) for one in self.names)

    def is_secret(self, seen: os.stat_result) -> bool:
        """Whether this is a secret file of the machine, whatever it is called."""
        return (seen.st_dev, seen.st_ino) in self.files

    def guard_start(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces; raises NotKept if they begin with a private key. For logs: whoever can have a line logged
        must not be able to keep the log out of the evidence.
        """
        marks = tuple(mark.encode() for mark in self.marks)
        for number, piece in enumerate(pieces):
            if number == 0 and any(mark in piece[:START] for mark in marks):
                raise NotKept(REASON)
            yield piece

    def guard(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces; raises NotKept as soon as one shows a private key."""
        marks = tuple(mark.encode() for mark in self.marks)
        longest = max(map(len, marks), default=1)
        before = b""
        for piece in pieces:
            if any(mark in before + piece[:longest] or mark in piece for mark in marks):
                raise NotKept(REASON)
            before = (before + piece)[-longest:]
            yield piece


def load_secrets() -> Secrets:
    """The table that comes with the tool."""
    text = resources.files("codered.scan").joinpath("evidence_secrets.json").read_bytes()
    return msgspec.json.decode(text, type=Secrets)


def recognise_secrets(secrets: Secrets, target: Target) -> Secrets:
    """The same table, which knows the files of this machine that it names by their whole path."""
    found = set()
    for path in secrets.paths:
        if "*" in path:  # keys: they are known by their content
            continue
        try:
            fd = target.open_file(path.encode())
        except OSError:
            continue
        try:
            seen = os.fstat(fd)
        finally:
            os.close(fd)
        found.add((seen.st_dev, seen.st_ino))
    return msgspec.structs.replace(secrets, files=frozenset(found))
