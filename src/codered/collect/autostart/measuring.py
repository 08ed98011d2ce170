"""Files that are programs, not text: their digests and attributes, read in pieces and never kept."""

import hashlib
import os
import stat
from datetime import UTC, datetime
from typing import Unpack

import msgspec
from msgspec.structs import replace

from codered.collect.autostart.entries import Fields, make_entry
from codered.collect.autostart.programs import is_script
from codered.collect.autostart.reading import NUL, Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart, AutostartKind

MOST_BYTES = 1 << 29
PIECE = 1 << 20
HEAD = 64 << 10
CHANGED = "package-changed"
ELF = b"\x7fELF"  # how machine code begins


class Measured(msgspec.Struct, frozen=True):
    """A file: its path below the root, the first bytes (at most HEAD), digests in hexadecimal and attributes."""

    rel: bytes
    head: bytes
    sha256: str
    sha1: str
    md5: str
    size: int
    mode: int
    uid: int
    changed: datetime


def measure_file(reader: Reader, rel: bytes, most: int = MOST_BYTES) -> Measured | None:
    """The regular file there; None if there is none, or if it can't be read or is larger than `most` bytes (which is
    remembered).
    """
    if NUL in rel:
        return None
    try:
        descriptor = reader.target.open_file(rel)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reader.miss(rel, error.strerror or str(error))
        return None
    try:
        status = os.fstat(descriptor)
        if status.st_size > most:
            reader.miss(rel, f"larger than {most >> 20} MiB: not compared")
            return None
        return _measure(reader, rel, descriptor, most)
    except OSError as error:
        reader.miss(rel, error.strerror or str(error))
        return None
    finally:
        os.close(descriptor)


def make_program_entry(
    reader: Reader, packages: PackageDatabase, program: Measured, kind: AutostartKind, **fields: Unpack[Fields]
) -> Autostart:
    """The entry of a whole file that may be machine code (then its text is empty). The origin of a package's file stays
    "unknown": mode and capabilities are on no record. Other content is the fact CHANGED, and not an origin by which
    the file would be judged, and mended, line by line.
    """
    file = SmallFile(
        program.rel, program.head, True, program.sha256, program.size, program.mode, program.uid, program.changed
    )
    made = make_entry(reader, packages, file, kind, text=program.head if is_script(program.head) else b"")
    made = replace(made, **fields)
    recorded = packages.recorded_sum(program.rel)
    if recorded and recorded != program.md5:
        made = replace(made, facts=made.facts | {CHANGED})
    return made


def _measure(reader: Reader, rel: bytes, descriptor: int, most: int) -> Measured:
    digests = [hashlib.sha256(), hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)]
    head, size = b"", 0
    while size <= most and (piece := os.read(descriptor, PIECE)):
        head = head or piece[:HEAD]
        size += len(piece)
        for digest in digests:
            digest.update(piece)
    status = os.fstat(descriptor)
    reader.files += 1
    reader.bytes += size
    sha256, sha1, md5 = (digest.hexdigest() for digest in digests)
    changed = datetime.fromtimestamp(status.st_ctime, UTC)
    return Measured(rel, head, sha256, sha1, md5, size, stat.S_IMODE(status.st_mode), status.st_uid, changed)
