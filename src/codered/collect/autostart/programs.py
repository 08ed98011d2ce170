"""Programs and scripts that something runs: opened only as far as it takes to tell which of the two they are."""

from typing import NamedTuple

from codered.collect.autostart.places import NOWHERE, resolve
from codered.collect.autostart.reading import MOST_BYTES, Reader, SmallFile

HEAD = 4096


class Program(NamedTuple):
    """A program as read. `text` is its content if it is a script, and empty for machine code; `links` is the link by
    which it was found.
    """

    file: SmallFile
    text: bytes
    links: tuple[bytes, ...] = ()


def read_program(reader: Reader, rel: bytes) -> Program | None:
    """The program or script at a place, a link followed inside the root; None if there is no regular file. That
    machine code is large is no gap.
    """
    real = resolve(reader, rel)
    if real is None or real in NOWHERE:
        return None
    links = () if real == rel else (rel,)
    file = reader.read_start(real, HEAD)
    if file is not None and file.cut and (is_script(file.data) or file.size <= MOST_BYTES):
        file = reader.read(real)
    if file is None:
        return None
    return Program(file, file.data if is_script(file.data) else b"", links)


def is_script(data: bytes) -> bool:
    """True for what holds no NUL at its start: machine code does."""
    return data.startswith(b"#!") or b"\0" not in data[:HEAD]
