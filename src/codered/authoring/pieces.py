"""Reading a file that may be anything: never through a link, never more than a bound, pieces of it when it is large."""

import hashlib
import os
import stat

from codered.authoring.orders import Sample
from codered.model.errors import WrongUse
from codered.system.descriptors import READ_FILE, read_at

MOST_WHOLE = 32 << 20  # bytes; of a larger file the first and last are read, and pieces spread in between
_FIRST, _LAST, _SPREAD, _PIECES = 12 << 20, 4 << 20, 2 << 20, 8
_MOST_HASHED = 4 << 30
_BLOCK = 4 << 20


def read_sample(path: str) -> Sample:
    """The file with its content, or pieces of it. Raises WrongUse for a link, a device, an empty or unreadable file."""
    shown = ascii(path)[1:-1]
    try:
        descriptor = os.open(path, READ_FILE)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        advice = "name a plain file that you can read; links are not followed"
        raise WrongUse(f"can't be read ({why})", where=shown, advice=advice) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise WrongUse("neither a file nor a folder", where=shown, advice="copy what it gives into a file first")
        if not status.st_size:
            raise WrongUse("is empty", where=shown, advice="leave it out: nothing can be learnt from 0 bytes")
        data = _read_pieces(descriptor, status.st_size)
        digest = _hash(descriptor, status.st_size)
        return Sample(os.path.basename(path), status.st_size, digest, data, status.st_size > MOST_WHOLE)
    except OSError as error:
        raise WrongUse(f"can't be read ({error.strerror})", where=shown, advice="copy it first") from None
    finally:
        os.close(descriptor)


def _read_pieces(descriptor: int, size: int) -> bytes:
    """All of it, or its beginning, its end and pieces between, with NULs where something was left out."""
    if size <= MOST_WHOLE:
        return _read(descriptor, 0, size)
    step = (size - _FIRST - _LAST) // _PIECES
    spread = [_read(descriptor, _FIRST + number * step, _SPREAD) for number in range(_PIECES)]
    return bytes(8).join((_read(descriptor, 0, _FIRST), *spread, _read(descriptor, size - _LAST, _LAST)))


def _read(descriptor: int, start: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := read_at(descriptor, min(size, _BLOCK), start)):
        parts.append(part)
        start, size = start + len(part), size - len(part)
    return b"".join(parts)


def _hash(descriptor: int, size: int) -> str:
    """SHA-256 of the whole file; "" for one too large to be worth the time."""
    if size > _MOST_HASHED:
        return ""
    digest, at = hashlib.sha256(), 0
    while at < size and (part := read_at(descriptor, _BLOCK, at)):
        digest.update(part)
        at += len(part)
    return digest.hexdigest()
