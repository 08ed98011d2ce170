"""The SHA-256 of an image as evidence: over the bytes of all its files, in order."""

import hashlib
import os
import select

from codered.targets.images.image_files import open_image_file

_BLOCK = 4 << 20


def hash_evidence(files: tuple[bytes, ...], leash: int = -1) -> str:
    """The hash in hexadecimal. Stops early, with "", when nobody reads from the pipe `leash` any more. Raises OSError,
    WrongUse.
    """
    digest = hashlib.sha256()
    poll = select.poll()
    if leash >= 0:
        poll.register(leash, 0)  # an error of the pipe is told without being asked for
    for path in files:
        descriptor = open_image_file(path)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            while block := os.read(descriptor, _BLOCK):
                digest.update(block)
                if leash >= 0 and poll.poll(0):
                    return ""
        finally:
            os.close(descriptor)
    return digest.hexdigest()


def read_states(files: tuple[bytes, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """Which files they are, how large, and when they were last written and changed (ns). Raises OSError."""
    seen = [os.stat(path) for path in files]
    return tuple((status.st_dev << 64 | status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
                 for status in seen)  # fmt: skip
