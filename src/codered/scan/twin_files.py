"""Files of the same machine with the very same content."""

import hashlib
import os

from codered.detect.places import PlaceHit
from codered.model.target import Target
from codered.system.descriptors import read_at

HASH_BLOCK = 1 << 20


def find_twins(target: Target, digest: str, size: int, places: list[PlaceHit]) -> dict[str, str]:
    """Which of the places' `same_as` have the content of this digest and size: the path named -> where it lies."""
    twins: dict[str, str] = {}
    if not digest:
        return twins
    for path in dict.fromkeys(path for hit in places for path in hit.indicator.same_as):
        for rel in target.find(path):
            if _same_content(target, rel, digest, size):
                twins[path] = target.shown(rel) or path
    return twins


def hash_open_file(descriptor: int) -> str:
    """SHA-256 (hex) of all of an open file. Raises OSError."""
    digest = hashlib.sha256()
    at = 0
    while block := read_at(descriptor, HASH_BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()


def _same_content(target: Target, rel: bytes, digest: str, size: int) -> bool:
    try:
        descriptor = target.open_file(rel)
    except OSError:
        return False
    try:
        return os.fstat(descriptor).st_size == size and hash_open_file(descriptor) == digest
    except OSError:
        return False
    finally:
        os.close(descriptor)
