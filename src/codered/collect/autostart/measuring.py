"""Files that are programs, not text: their digests and attributes, read in pieces and never kept."""

import hashlib
import os
import stat
from datetime import UTC, datetime

import msgspec

from codered.collect.autostart.reading import Reader
from codered.collect.walking import Unwalked

MOST_BYTES = 1 << 29
PIECE = 1 << 20
HEAD = 64 << 10


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
    try:
        descriptor = reader.target.open_file(rel)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reader.unread.append(Unwalked(rel, "failed", error.strerror or str(error)))
        return None
    try:
        status = os.fstat(descriptor)
        if status.st_size > most:
            reader.unread.append(Unwalked(rel, "failed", f"larger than {most >> 20} MiB: not compared"))
            return None
        return _measure(reader, rel, descriptor, most)
    except OSError as error:
        reader.unread.append(Unwalked(rel, "failed", error.strerror or str(error)))
        return None
    finally:
        os.close(descriptor)


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
