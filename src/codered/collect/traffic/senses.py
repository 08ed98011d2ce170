"""Ways to see attempts: the kernel's trace with packets beside it, or packets alone."""

import time
from collections.abc import Iterator
from operator import itemgetter
from typing import Protocol

import msgspec

from codered.collect.traffic.begun_before import Begun
from codered.collect.traffic.clocks import measure_offset
from codered.collect.traffic.frames import Segment
from codered.collect.traffic.holders import Holders
from codered.collect.traffic.own_addresses import OwnAddresses
from codered.collect.traffic.packet_batches import Packet
from codered.collect.traffic.packet_events import PacketEvents
from codered.collect.traffic.packet_socket import PacketSocket
from codered.collect.traffic.programs import Program
from codered.collect.traffic.trace_pages import TraceRecord
from codered.collect.traffic.tracefs import TraceInstance
from codered.collect.traffic.tracked import TrackedAttempts, begins, read_addresses
from codered.collect.traffic.who import Actors
from codered.model.traffic import Attempt, Missed, SeenTraffic

RAW = "sent past the kernel's TCP (a raw frame)"
FORWARDED = "passed on for another machine, or sent past the kernel's TCP"
NOT_IN_TIME = "its process could not be found in time"
_AT = itemgetter(0)
_LOOK = 1.0  # seconds between two looks at what packets were lost
_MOST_DOUBTFUL = 4096
_SETTLED = 0.0002  # seconds after which the kernel has written a record that it has begun


class Counts(msgspec.Struct):
    """Of the attempts told so far (TCP): all, with a process, with its program, seen as packets only (raw); `lost`
    events, at least.
    """

    attempts: int = 0
    with_process: int = 0
    with_program: int = 0
    raw: int = 0
    lost: int = 0


class Sense(Protocol):
    """One way to see attempts."""

    counts: Counts

    def descriptors(self) -> tuple[int, ...]:
        """What to wait on; () = ask by the clock."""
        ...

    def read(self) -> list[SeenTraffic]:
        """What happened since, in the order of time; never blocks."""
        ...

    def wait(self) -> float:
        """Seconds after which to ask though nothing came (0 = never)."""
        ...

    def close(self) -> None:
        """Look no more."""
        ...


class PacketSense:
    """Packets of all interfaces, and, where there is one, the kernel's trace. `trace` and `packets` are closed with it;
    one of them may be None.
    """

    def __init__(
        self,
        actors: Actors,
        trace: TraceInstance | None,
        packets: PacketSocket | None,
        *,
        everywhere: bool,
        begun: Begun,
    ) -> None:
        self._actors, self._trace, self._packets, self._everywhere = actors, trace, packets, everywhere
        self.counts = Counts()
        self._own = OwnAddresses()
        self._holders = Holders() if trace is None else None
        self._forwards = reads_forwarding()
        self._tracked = TrackedAttempts()
        self._events = PacketEvents(
            self._own,
            self._name,
            self._tracked if trace is not None else None,
            forwards=self._forwards,
            begun=begun,
        )
        self._pending: list[tuple[float, TraceRecord | Packet]] = []
        self._offset = measure_offset()
        self._looked = 0.0
        self._doubtful: dict[bytes, tuple[bytes, Program | None]] = {}
        self._wide = trace is None

    def descriptors(self) -> tuple[int, ...]:
        """What to wait on."""
        traced = self._trace.descriptors if self._trace is not None else ()
        return (*traced, self._packets.fileno()) if self._packets is not None else traced

    def read(self) -> list[SeenTraffic]:
        """What happened since. What is as young as this call waits for the next: its order is not sure yet."""
        now = time.monotonic() + self._offset
        until = now - _SETTLED
        self._gather()
        self._actors.catch_up()
        self._pending.sort(key=_AT)
        found: list[SeenTraffic] = list(self._find_lost(now))
        done = 0
        for at, one in self._pending:
            if at > until:
                break
            done += 1
            if type(one) is Packet:  # quicker to ask for than an instance
                if told := self._events.take(one, at):
                    found.extend(told)
            elif (event := self._follow(one, at)) is not None:  # type: ignore[arg-type]
                found.append(event)
        del self._pending[:done]
        found.extend(self._events.untracked.age(until))
        return found

    def wait(self) -> float:
        """Soon, while something waits for its order or its answer."""
        return 0.005 if self._pending else 0.2 if self._events.untracked.pending else 0.0

    def close(self) -> None:
        """Look no more."""
        for one in (self._trace, self._packets, self._own, self._holders):
            if one is not None:
                one.close()

    def _gather(self) -> None:
        if self._trace is not None:
            self._pending += [(one.at / 1e9 + self._offset, one) for one in self._trace.read()]
        if self._packets is not None:
            # The clock of the packets may be set while we run; ours goes on evenly.
            shift = self._offset - measure_offset()
            for packet in self._packets.read():
                self._pending.append((self._events.order(packet) + shift, packet))

    def _follow(self, record: TraceRecord, at: float) -> SeenTraffic | None:
        if not begins(record):
            return self._tracked.follow(record, at)
        source, destination = read_addresses(record)
        actor, program = self._actors.find(record.thread, record.at, source)
        own = source in self._own
        attempt = Attempt(at, actor, source, destination, int(record.values[4]))
        if own and self._packets is not None and (program is None or not program.network):
            # Gone too soon to say in which network namespace it was: if it was ours, its SYN comes by.
            self._doubtful[source + destination + attempt.port.to_bytes(2, "big")] = actor, program
            if len(self._doubtful) > _MOST_DOUBTFUL:
                del self._doubtful[next(iter(self._doubtful))]
            self._tracked.forget(int(record.values[0]))
            return None
        ours = self._actors.is_ours(program, source, by_address=own)
        told = ours or self._everywhere
        self._tracked.begin(int(record.values[0]), attempt, foreign=not ours, told=told)
        if not told:
            return None
        self._count(program)
        return attempt

    def _count(self, program: Program | None) -> None:
        self.counts.attempts += 1
        if program is not None:
            self.counts.with_process += 1
            self.counts.with_program += program.program != ""

    def _name(self, segment: Segment) -> bytes:
        """Who made a SYN that no socket of the trace made."""
        if self._holders is None:
            if not self._wide and self._packets is not None:
                self._wide = True
                self._packets.narrow(replies=True)  # from now on we want to know what is answered
            actor, program = self._doubtful.pop(segment.ends[:-4] + segment.ends[-2:], (b"", None))
            self._count(program)
            if actor:
                return actor
            self.counts.raw += 1
            return self._actors.name_nobody(segment.source, FORWARDED if self._forwards else RAW)
        pid = self._holders.find(segment.source, segment.source_port, segment.destination, segment.port)
        key, program = self._actors.find(pid, time.monotonic_ns(), segment.source) if pid else (b"", None)
        self._count(program)
        return self._actors.name_nobody(segment.source, NOT_IN_TIME) if program is None else key

    def _find_lost(self, now: float) -> Iterator[Missed]:
        if now - self._looked < _LOOK and (self._trace is None or self._trace.lost <= self.counts.lost):
            return
        self._looked = now
        traced = self._trace.lost if self._trace is not None else 0
        lost = traced + (self._packets.count_lost() if self._packets is not None else 0)
        if lost > self.counts.lost:
            yield Missed(now, "the kernel had more to tell than was read in time", lost - self.counts.lost)
            self.counts.lost = lost


def reads_forwarding() -> bool:
    """Whether this host passes on packets of others (in the network namespace of the caller)."""
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        try:
            with open(f"/proc/sys/net/{name}", "rb") as file:
                if file.read(8).strip() not in (b"0", b""):
                    return True
        except OSError:
            continue
    return False
