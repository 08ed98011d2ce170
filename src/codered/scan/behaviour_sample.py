"""A sample of the host's behaviour, taken by a child process beside the rest of a scan."""

import array
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback
from contextlib import suppress
from typing import NamedTuple

import msgspec

from codered.model.allow_list import AllowList
from codered.model.errors import CoverageIncomplete
from codered.model.finding import Finding
from codered.model.ruleset import RuleSet
from codered.scan.allowing import count_allowed
from codered.scan.behaviour import BehaviourWatch
from codered.scan.request import Network
from codered.scan.sampling import Sampled
from codered.scan.tasks import Counted

if sys.platform != "win32":
    import fcntl

WHERE = "what this host reaches for"
NO_NETWORK = "no network is up here but the host's own: there is nobody to reach for"
DIED = "the watch of the network ended before its time"
FAILED = 70
MOST_ALARM = 600  # characters
_MOST_ANSWER = 256 << 20  # bytes
_SIOCGIFFLAGS, _IFF_UP = 0x8913, 1


class SampleOrder(NamedTuple):
    """For how many seconds, by which rules, whom the administrator vouches for, and one's own networks."""

    seconds: float
    rules: RuleSet
    allowed: AllowList
    internal: tuple[Network, ...] = ()


class Sample:
    """A sample that is being taken. The child ends by itself, when it is stopped, and when its parent dies."""

    def __init__(self, order: SampleOrder) -> None:
        """Raises OSError if no process can be started."""
        sys.stdout.flush()
        sys.stderr.flush()
        ours, theirs = os.pipe()
        leash, hand = os.pipe()  # closing the hand's end lets the child go
        heard, told = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            try:
                os.close(ours)
                os.close(hand)
                os.close(heard)
                os.set_blocking(told, False)
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides for both
                _write_all(theirs, msgspec.msgpack.encode(take_sample(order, leash, frozenset((parent,)), told)))
                os._exit(0)
            finally:  # whatever went wrong: never back into the parent's program, which tells that nobody watched
                if os.environ.get("CODERED_DEBUG"):
                    traceback.print_exc()
                os._exit(FAILED)
        os.close(theirs)
        os.close(leash)
        os.close(told)
        os.set_blocking(heard, False)
        self._answer, self._hand, self._heard = ours, hand, heard
        self._said = bytearray()
        self._data = bytearray()
        self._sampled: Sampled | None = None

    def poll(self) -> Sampled | None:
        """What came of it, if it is over. Never waits."""
        return self._read(0.0)

    def alarms(self) -> tuple[str, ...]:
        """What is likely or confirmed so far, in words. Never waits."""
        while self._heard >= 0:
            try:
                piece = os.read(self._heard, 1 << 16)
            except BlockingIOError:
                break
            if not piece:
                os.close(self._heard)
                self._heard = -1
            self._said += piece
        lines = bytes(self._said[: self._said.rfind(b"\n") + 1])
        return tuple(line.decode(errors="backslashreplace") for line in lines.split(b"\n")[:-1])

    def finish(self) -> Sampled:
        """What came of it, when it is over."""
        while (sampled := self._read(None)) is None:
            pass
        return sampled

    def stop(self) -> None:
        """End it now; `finish` gives what was seen up to then."""
        if self._hand >= 0:
            with suppress(OSError):  # a word, for workers that were started since hold its other end too
                os.write(self._hand, b".")
            os.close(self._hand)
            self._hand = -1

    def _read(self, timeout: float | None) -> Sampled | None:
        while self._sampled is None and select.select([self._answer], [], [], timeout)[0]:
            piece = os.read(self._answer, 1 << 20)
            self._data += piece
            if not piece or len(self._data) > _MOST_ANSWER:
                self._sampled = self._end()
        return self._sampled

    def _end(self) -> Sampled:
        os.close(self._answer)
        self.alarms()
        if self._heard >= 0:
            os.close(self._heard)
            self._heard = -1
        self.stop()
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        with suppress(msgspec.DecodeError):
            if code == 0:
                return msgspec.msgpack.decode(self._data, type=Sampled)
        return Sampled(counted=[Counted("network", WHERE, "failed", DIED)])


def take_sample(order: SampleOrder, leash: int = -1, own: frozenset[int] = frozenset(), told: int = -1) -> Sampled:
    """Watch for the time that was ordered, or until the descriptor `leash` is closed at its other end. What is likely
    or confirmed goes to the descriptor `told` at once, a line each; what does not fit in there waits for the end.
    """
    if not has_network():
        return Sampled(counted=[Counted("network", WHERE, "skipped", NO_NETWORK)])
    began = time.monotonic()
    try:
        watch = BehaviourWatch(order.rules, order.allowed, order.internal, own=own)
    except (CoverageIncomplete, OSError) as error:
        return Sampled(counted=[Counted("network", WHERE, "unsupported", str(error))])
    try:
        watch_for(watch, began + order.seconds, leash, told)
        picture = watch.picture()
        seconds = round(time.monotonic() - began, 3)
        counted = [Counted("network", f"{WHERE}, for {seconds:.1f} s", count=0)]
        counted += [Counted("network", WHERE, "unsupported", why) for why in watch.gaps()]
        counted += count_allowed("network", WHERE, (), watch.expired())
        return Sampled(list(picture.findings), picture.summary, counted, seconds)
    finally:
        watch.close()


def watch_for(watch: BehaviourWatch, until: float, leash: int = -1, told: int = -1) -> None:
    """Hear what comes until the time (of the monotonic clock) is over, or the leash is let go."""
    poll = select.poll()
    poll.register(watch.fileno(), select.POLLIN)
    if leash >= 0:
        poll.register(leash, select.POLLIN | select.POLLHUP)
    while (left := until - time.monotonic()) > 0:
        # What has no answer yet is aged by the clock, not only by what comes.
        ready = poll.poll(min(left, 0.25) * 1000)
        _tell(watch.read(), told)
        if any(descriptor == leash for descriptor, _ in ready):
            break
        if ready:
            time.sleep(min(0.02, max(0.0, until - time.monotonic())))  # a burst is read in one go: it costs less
    _tell(watch.read(), told)


def has_network() -> bool:
    """Whether any network but the host's own is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        return any(_is_up(asker, name) for _, name in socket.if_nameindex() if name != "lo")


def _is_up(asker: socket.socket, name: str) -> bool:
    request = array.array("B", struct.pack("16sh22x", os.fsencode(name)[:15], 0))
    try:
        fcntl.ioctl(asker.fileno(), _SIOCGIFFLAGS, request)
    except OSError:
        return True  # it is there, and nobody can say that it is down
    flags: int = struct.unpack_from("16sH", request)[1]
    return bool(flags & _IFF_UP)


def _tell(findings: list[Finding], told: int) -> None:
    if told < 0:
        return
    for finding in findings:
        if finding.confidence in ("confirmed", "likely"):
            text = f"{finding.confidence}: {finding.subject.name()}: {finding.because}".replace("\n", " ")[:MOST_ALARM]
            with suppress(OSError):
                os.write(told, text.encode(errors="backslashreplace") + b"\n")


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
