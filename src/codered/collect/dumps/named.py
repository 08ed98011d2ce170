"""Formats that are named for what they are, and not read."""

from fnmatch import fnmatchcase
from importlib import resources

import msgspec

from codered.collect.dumps.layout import DumpFile
from codered.model.errors import WrongUse


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A format: how its files start (hexadecimal) or are called (lower case, may hold `*`), and what to do instead."""

    what: str
    magics: tuple[str, ...]
    names: tuple[str, ...]
    advice: str


def refuse_named(file: DumpFile) -> None:
    """Raises WrongUse if the file is of a format that must be converted first, and OSError."""
    head = file.read(0, 64)
    name = file.path.rpartition(b"/")[2].decode(errors="backslashreplace").lower()
    text = resources.files("codered.collect.dumps").joinpath("named.json").read_bytes()
    for known in msgspec.json.decode(text, type=tuple[_Named, ...]):
        by_start = any(head.startswith(bytes.fromhex(magic)) for magic in known.magics)
        if by_start or any(fnmatchcase(name, pattern) for pattern in known.names):
            raise WrongUse(known.what, where=file.shown(), advice=known.advice)
