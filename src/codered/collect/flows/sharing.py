"""Reading a large flow log in several processes: each parses every n-th block of it, and follows the others where what
stands in one has a say in the next.
"""

import contextlib
import ctypes
import gc
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from codered.collect.flows.chunk import FlowChunk, make_chunk, note_damage
from codered.collect.flows.lines import Block, is_plain, read_blocks, read_stretches
from codered.system.confining import Rights, confine

SHARE_FROM = 16 << 20  # bytes of a file; below, starting processes takes longer than it saves
_PR_SET_PDEATHSIG = 1
_MOST_MESSAGE = 1 << 30
STUCK_AFTER = 300.0  # seconds without the whole of a chunk
LOST = "the process that read it ended before its time: what follows was not read"
_decode = msgspec.msgpack.Decoder(FlowChunk).decode


class BlockReader(Protocol):
    """What a format offers. `by_line`: each line says by itself what it is, so that nothing need be followed."""

    by_line: bool

    def follow(self, block: Block) -> None:
        """Only note what this block says of the blocks after it."""
        ...

    def read(self, block: Block) -> FlowChunk:
        """The records of a block."""
        ...


def read_chunks(descriptor: int, make_reader: Callable[[], BlockReader], processes: int) -> Iterator[FlowChunk]:
    """Every block of the file, in order. With less than two processes all is done in this one. Processes end with the
    generator. For programs with one thread.
    """
    if processes < 2:
        yield from _read_share(descriptor, make_reader(), 0, 1)
        return
    sys.stdout.flush()
    sys.stderr.flush()
    children: list[tuple[int, int]] = []
    try:
        for share in range(processes):
            children.append(_start(descriptor, make_reader, share, processes))
        yield from _receive([pipe for _, pipe in children])
    finally:
        for pid, pipe in children:
            os.close(pipe)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _read_share(descriptor: int, reader: BlockReader, share: int, shares: int) -> Iterator[FlowChunk]:
    stretches = shares > 1 and reader.by_line and is_plain(descriptor)
    blocks = read_stretches(descriptor, share, shares) if stretches else read_blocks(descriptor)
    for number, block in enumerate(blocks):
        if not stretches and number % shares != share:
            reader.follow(block)
            continue
        chunk = reader.read(block)
        chunk.lines = block.data.count(b"\n") + block.cut if stretches else 0
        for _ in range(block.cut):
            note_damage(chunk, block.line, "longer than a line may be")
        chunk.trouble = block.trouble
        yield chunk


def _receive(pipes: list[int]) -> Iterator[FlowChunk]:
    """The chunks in the order of the file, until one process has no more: those after it have none either."""
    lines = 0  # before the chunk, where its own are numbered from 1
    while True:
        for pipe in pipes:
            until = time.monotonic() + STUCK_AFTER
            head = _read_exactly(pipe, 8, until)
            size = int.from_bytes(head, "big")
            data = _read_exactly(pipe, size, until) if len(head) == 8 and size <= _MOST_MESSAGE else b""
            if len(head) == 8 and not size:
                return
            chunk = _decode_whole(data, size)
            if chunk is None:
                chunk = make_chunk()
                chunk.trouble = LOST
                yield chunk
                return
            chunk.damaged_line += lines if chunk.damaged else 0
            lines += chunk.lines
            yield chunk


def _decode_whole(data: bytes, size: int) -> FlowChunk | None:
    try:
        return _decode(data) if len(data) == size else None
    except msgspec.DecodeError:  # whoever broke into the process can send anything
        return None


def _read_exactly(pipe: int, size: int, until: float) -> bytes:
    """Less if there is no more, or not until then (s of the monotonic clock)."""
    pieces = []
    while size and select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(pipe, min(size, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _start(descriptor: int, make_reader: Callable[[], BlockReader], share: int, shares: int) -> tuple[int, int]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    try:
        os.close(ours)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C for all of us
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        unconfined = confine(Rights(), (theirs,))
        gc.disable()  # nothing here is circular, and a collection looks at every record
        for chunk in _read_share(descriptor, make_reader(), share, shares):
            chunk.unconfined = unconfined
            data = msgspec.msgpack.encode(chunk)
            _write_all(theirs, len(data).to_bytes(8, "big") + data)
        _write_all(theirs, bytes(8))
    finally:  # whatever went wrong: never back into the parent's program
        os._exit(0)


def _write_all(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]
