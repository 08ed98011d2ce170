"""The bytes of a capture in large pieces, unpacked on the way, and what is left over from one piece to the next."""

import os
from collections.abc import Iterator

from codered.collect.captures.counts import FileCounts
from codered.collect.log_unpacking import Packing, UnpackingStopped, unpack

PIECE = 1 << 20  # bytes


def read_pieces(descriptor: int, packing: Packing, counts: FileCounts) -> Iterator[bytes]:
    """The bytes of the file from its start, unpacked. Where it can't go on, it ends and `counts.ended` tells."""
    try:
        if packing == "plain":
            at = 0
            while piece := os.pread(descriptor, PIECE, at):
                yield piece
                at += len(piece)
        else:
            yield from _gather(unpack(descriptor, packing))
    except (UnpackingStopped, OSError) as reason:
        counts.ended = f"the file could not be read to its end: {reason}"
        counts.plain = False


def _gather(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Tiny pieces together: what waits for its rest is copied with every piece."""
    waiting: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
    except UnpackingStopped:
        if waiting:
            yield b"".join(waiting)
        raise
    if waiting:
        yield b"".join(waiting)
