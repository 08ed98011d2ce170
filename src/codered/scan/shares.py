"""Work in shares, done by forked processes: each takes the next share when it is done with one. For work that needs no
rules and whose answers are small, without the queue of a scan's pool.
"""

import contextlib
import gc
import os
import selectors
import signal
import struct
from collections.abc import Callable, Iterator

_FRAME = struct.Struct("=II")  # number of the share, bytes of its answer
_NUMBER = struct.Struct("=I")
_MOST_SHARES = 8000  # their numbers fit into a pipe, which is the queue
STUCK_AFTER = 300.0  # seconds without any answer
LOST = "the process that looked at it ended before it was done"


def count_cores() -> int:
    """The cores we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def deal_out(shares: int, work: Callable[[int], bytes], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    """The answers to all shares (numbers from 0), in no order; None for one whose process died or hung. With one job
    nothing is forked. Raises ValueError for more shares than there may be.
    """
    if shares > _MOST_SHARES:
        raise ValueError(f"more than {_MOST_SHARES} shares")
    if jobs <= 1 or shares <= 1:
        for number in range(shares):
            yield number, work(number)
        return
    queue, feed = os.pipe()
    os.write(feed, b"".join(map(_NUMBER.pack, range(shares))))
    os.close(feed)
    gc.freeze()  # the children share our pages instead of copying them at the first collection
    children = [_fork(queue, work) for _ in range(min(jobs, shares))]
    os.close(queue)
    left = set(range(shares))
    try:
        for number, answer in _listen([pipe for _, pipe in children]):
            left.discard(number)
            yield number, answer
        for number in sorted(left):
            yield number, None
    finally:
        gc.unfreeze()
        for child, pipe in children:
            os.close(pipe)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def split_evenly(weights: list[int], most_shares: int) -> list[range]:
    """The indices of the weights as ranges of about the same weight, at most so many."""
    if not weights:
        return []
    share = max(sum(weights) // most_shares, 1)
    cuts, held = [0], 0
    for index, weight in enumerate(weights):
        if held >= share and len(cuts) < most_shares:
            cuts.append(index)
            held = 0
        held += weight
    return [range(start, end) for start, end in zip(cuts, [*cuts[1:], len(weights)], strict=True)]


def _fork(queue: int, work: Callable[[int], bytes]) -> tuple[int, int]:
    """A child that serves the queue; its pid, and the pipe of its answers."""
    answers, mouth = os.pipe()
    child = os.fork()
    if child:
        os.close(mouth)
        return child, answers
    code = 1
    try:
        os.close(answers)
        while raw := os.read(queue, _NUMBER.size):
            (number,) = _NUMBER.unpack(raw)
            answer = work(number)
            _write_all(mouth, _FRAME.pack(number, len(answer)) + answer)
        code = 0
    finally:  # whatever was raised: the parent sees that the share has no answer
        os._exit(code)


def _write_all(pipe: int, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(pipe, view) :]


def _listen(pipes: list[int]) -> Iterator[tuple[int, bytes]]:
    """The answers, until all pipes are closed or nobody says anything for too long."""
    held = {pipe: bytearray() for pipe in pipes}
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(STUCK_AFTER)
            if not ready:
                return
            for key, _ in ready:
                pipe = key.fd
                piece = os.read(pipe, 1 << 20)
                if not piece:
                    selector.unregister(pipe)
                held[pipe] += piece
                yield from _take_frames(held[pipe])


def _take_frames(held: bytearray) -> Iterator[tuple[int, bytes]]:
    while len(held) >= _FRAME.size:
        number, size = _FRAME.unpack_from(held)
        if len(held) < _FRAME.size + size:
            return
        answer = bytes(held[_FRAME.size : _FRAME.size + size])
        del held[: _FRAME.size + size]
        yield number, answer
