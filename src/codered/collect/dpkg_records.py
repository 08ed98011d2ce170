"""dpkg's own records of a target, read with limits: they lie on the suspect machine."""

import os
import re
import stat
from collections.abc import Iterator
from typing import Protocol

from codered.collect.walking import Unwalked
from codered.model.target import Target

INFO = b"var/lib/dpkg/info"
FORMAT = INFO + b"/format"
STATUS = b"var/lib/dpkg/status"
DIVERSIONS = b"var/lib/dpkg/diversions"
MOST_LISTS = 20_000
MOST_LIST_BYTES = 32 << 20  # one package's list of files, or the status file
MOST_ALL_BYTES = 512 << 20
_HALF_THERE = (b"unpacked", b"half-installed", b"half-configured", b"triggers-awaited", b"triggers-pending")
SUM = re.compile(rb"^([0-9a-f]{32}) [ *](.+)$", re.MULTILINE)
CONFFILE = re.compile(rb"^ (/[^\n]*) ([0-9a-f]{32})(?: [a-z-]+)?$", re.MULTILINE)
_FIELD = re.compile(rb"^(Package|Status|Architecture|Multi-Arch): (\S[^\n]*)$", re.MULTILINE)


class RecordReader(Protocol):
    """What the database needs of `autostart.reading.Reader`, which it can't import: the collectors import both."""

    target: Target
    unread: list[Unwalked]

    def read_link(self, rel: bytes) -> bytes | None:
        """Where a symbolic link leads, as written; None if it is none."""
        ...


def read_installed(status: bytes, form: bytes) -> dict[str, bool]:
    """By the names of their lists the packages that are there (True), or have left only configuration (False). Where
    several architectures may be installed at once the name has its own, unless the records are of the oldest form.
    """
    found: dict[str, bool] = {}
    for part in status.split(b"\n\n"):
        fields = dict(_FIELD.findall(part))
        state = b"".join(fields.get(b"Status", b"").split()[-1:])
        if b"Package" not in fields or state not in (b"installed", b"config-files", *_HALF_THERE):
            continue
        names = [fields[b"Package"]]
        if fields.get(b"Multi-Arch") == b"same" and form.strip() != b"0":
            names = [names[0] + b":" + fields.get(b"Architecture", b"")] + ([] if form else names)
        found.update(dict.fromkeys(map(as_name, names), state != b"config-files"))
    return found


def as_bytes(name: str) -> bytes:
    """A name of a package as it stands on the disk."""
    return name.encode(errors="surrogateescape")


def as_name(data: bytes) -> str:
    """Bytes of a record as a name that loses nothing."""
    return data.decode(errors="surrogateescape")


def read_info(reader: RecordReader, ending: bytes) -> Iterator[tuple[str, bytes]]:
    """The records of all packages with this ending: the name (with its architecture, if it has one) and the content."""
    try:
        folder = reader.target.open_dir(INFO)
    except OSError:
        return
    left = MOST_ALL_BYTES
    try:
        with os.scandir(folder) as entries:
            names = sorted(os.fsencode(item.name) for item in entries if item.name.endswith(ending.decode()))
        if len(names) > MOST_LISTS:
            reader.unread.append(Unwalked(INFO, "failed", f"more than {MOST_LISTS} packages: the rest was left out"))
        for name in names[:MOST_LISTS]:
            try:
                data = _read_whole(reader.target.open_at(folder, name), min(MOST_LIST_BYTES, left))
            except OSError as error:
                reader.unread.append(Unwalked(INFO + b"/" + name, "failed", error.strerror or str(error)))
                continue
            left -= len(data)
            yield as_name(name.removesuffix(ending)), data
    finally:
        os.close(folder)


def is_cut(record: bytes) -> bool:
    """Whether there may be more of a record than was read."""
    return len(record) >= MOST_LIST_BYTES


def read_record(reader: RecordReader, rel: bytes) -> bytes:
    """One of dpkg's files; empty if it is not there. What can't be read is remembered."""
    try:
        return _read_whole(reader.target.open_file(rel), MOST_LIST_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        reader.unread.append(Unwalked(rel, "failed", error.strerror or str(error)))
        return b""


def _read_whole(descriptor: int, most: int) -> bytes:
    """At most so many bytes. Closes the descriptor. Raises OSError, also for what is no regular file."""
    pieces = []
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        while most > 0 and (piece := os.read(descriptor, min(most, 1 << 20))):
            pieces.append(piece)
            most -= len(piece)
    finally:
        os.close(descriptor)
    return b"".join(pieces)
