"""A pcap file walked through in a process of its own, while this one reads what was found whole and honest."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator

import msgspec

from codered.collect.captures.counts import FileCounts
from codered.collect.captures.pcap_records import PcapHead, pass_on

if sys.platform != "win32":
    import fcntl

BESIDE_FROM = 16 << 20  # bytes of a file; below, starting a process takes longer than it saves
_PIPE = 1 << 20  # bytes
_PR_SET_PDEATHSIG = 1
_MOST_ANSWER = 1 << 20


class Checking:
    """The process at work. `descriptor` gives the file as far as nothing in it is odd, whole records only. For programs
    with one thread.
    """

    def __init__(self, head: PcapHead, pieces: Iterator[bytes], counts: FileCounts) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.descriptor, checked = os.pipe()
        self._answer, told = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(checked, fcntl.F_SETPIPE_SZ, _PIPE)  # fewer turns; where it may not, it is only slower
        self._pid = os.fork()
        if not self._pid:
            try:
                os.close(self.descriptor)
                os.close(self._answer)
                _check(head, pieces, counts, (checked, told))
            finally:  # whatever went wrong: never back into the parent's program
                os._exit(0)
        os.close(checked)
        os.close(told)

    def finish(self) -> FileCounts | None:
        """What the walk came to, once the descriptor is at its end; None = the process ended before its time."""
        data = b""
        while len(data) <= _MOST_ANSWER and (piece := os.read(self._answer, 1 << 16)):
            data += piece
        return msgspec.msgpack.decode(data, type=FileCounts) if data else None

    def close(self) -> None:
        """End the process, whatever it is at."""
        if not self._pid:
            return
        os.close(self.descriptor)
        os.close(self._answer)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._pid = 0


def _check(head: PcapHead, pieces: Iterator[bytes], counts: FileCounts, into: tuple[int, int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C for both
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.disable()
    checked, told = into
    for stretch in pass_on(head, pieces, counts):
        left = stretch
        while left:
            left = left[os.write(checked, left) :]
    os.close(checked)
    os.write(told, msgspec.msgpack.encode(counts))
