"""The same kind of work done by several child processes at once; only what they found out comes back, never pickled."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
FAILED = 70


def run_forked(jobs: list[Callable[[], T]], kind: type[T]) -> list[T | None]:
    """The answer to each job, in order, each from a child of its own; None for a child that ended before its time.
    Ctrl-C ends the children. For programs with one thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    children: list[tuple[int, int]] = []
    try:
        for job in jobs:
            children.append(_start(job))
        answers = [_read_all(descriptor) for _, descriptor in children]
    finally:
        for _, descriptor in children:
            os.close(descriptor)  # one that still works dies of its pipe when it answers
    ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, _ in children]
    decode = msgspec.msgpack.Decoder(kind).decode
    return [decode(data) if code == 0 else None for data, code in zip(answers, ended, strict=True)]


def _start(job: Callable[[], T]) -> tuple[int, int]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    try:
        os.close(ours)
        _write_all(theirs, msgspec.msgpack.encode(job()))
        os._exit(0)
    finally:  # whatever went wrong: never back into the parent's program
        os._exit(FAILED)


def _read_all(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
