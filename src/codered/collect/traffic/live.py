"""The live sensor: what this host's processes reach for, and what becomes of it."""

import os
from contextlib import suppress
from typing import Literal

from codered.collect.traffic.begun_before import look_before
from codered.collect.traffic.families import Head, find_heads, name_head
from codered.collect.traffic.packet_socket import PacketSocket
from codered.collect.traffic.polled import PAUSE, PolledSense
from codered.collect.traffic.programs import Programs
from codered.collect.traffic.senses import Counts, PacketSense, Sense
from codered.collect.traffic.tracefs import TraceInstance
from codered.collect.traffic.waking import BATCH, FLOOD, Waker
from codered.collect.traffic.who import Actors
from codered.model.errors import CoverageIncomplete
from codered.model.traffic import Actor, SeenTraffic

_FIRST_PIDS = "pid:[4026531836]"  # the machine's own numbering of processes: the kernel's constant
_MANY = 16  # events in one batch
_UDP = "UDP is not watched, except for the answers of name servers"


class LiveTraffic:
    """Attempts of this host's network namespace (that of the calling thread, which must read it too), with their
    processes and outcomes; the first data sent to `ports`; names resolved; ARP of the segment. `namespaces` "all" also
    gives attempts of containers (`is_foreign` tells them). `tracefs` and `packets` turn these sources off. Raises
    CoverageIncomplete if nothing can be seen at all.
    """

    def __init__(
        self,
        ports: frozenset[int],
        *,
        namespaces: Literal["own", "all"] = "own",
        tracefs: bool = True,
        packets: bool = True,
    ) -> None:
        self._notes: list[str] = []
        trace = self._open_trace() if tracefs else None
        if trace is None:
            self._notes.append("processes are looked for after the fact: those of short-lived sockets are not found")
        # Not before the trace: what begins in between would be in neither.
        self._begun = look_before(ports)
        catcher = self._open_packets(ports, replies=trace is None) if packets else None
        if not packets:
            self._notes.append(
                "packets were not asked for: no raw frames, payloads, resolved names, ARP, or unreachables"
            )
        self._programs = Programs(trace.read_leaders if trace is not None else dict)
        self._actors = Actors(self._programs)
        try:
            self._sense: Sense = self._open_sense(trace, catcher, everywhere=namespaces == "all")
            self._waker = Waker(self._sense.descriptors())
        except OSError as error:
            self._programs.close()
            for one in (trace, catcher):
                if one is not None:
                    one.close()
            why = error.strerror or str(error)
            raise CoverageIncomplete(f"no connection attempts can be seen here: {why}", advice="run as root") from None
        self._waker.rest(self._sense.wait(), listen=True)
        self._note_programs()

    @property
    def counts(self) -> Counts:
        """What was seen so far."""
        return self._sense.counts

    def fileno(self) -> int:
        """One descriptor to wait on; after it is ready, `read`."""
        return self._waker.fileno()

    def read(self) -> list[SeenTraffic]:
        """What happened since, in the order of time; never blocks. The very latest comes with the next call."""
        found = self._sense.read()
        wait = self._sense.wait()
        polled = not self._sense.descriptors()
        busy = (bool(found) or 0 < wait < BATCH) and not polled
        pace = FLOOD if len(found) > _MANY else BATCH
        self._waker.rest(pace if busy else wait, listen=not busy)
        return found

    def describe(self, actor: bytes) -> Actor:
        """Who a key stands for; of a family, the process that it stems from."""
        return self._actors.describe(name_head(actor))

    def find_heads(self, actor: bytes) -> tuple[Head, ...]:
        """The ancestors whose families an actor belongs to, the nearest first; none if it is no process."""
        program = self._actors.find_program(actor)
        if program is None:
            return ()
        heads = find_heads(program, self._programs)
        for head in heads:
            self._actors.name(head.program, b"")
        return heads

    def is_foreign(self, actor: bytes) -> bool:
        """Whether the actor is a process of another network namespace (a container)."""
        return self._actors.is_foreign(name_head(actor))

    def hash_program(self, actor: bytes) -> str:
        """The SHA-256 of the actor's program in hex, "" = not readable. Reads the whole file."""
        return self._actors.hash_program(name_head(actor))

    def notes(self) -> tuple[str, ...]:
        """What can't be seen, in words."""
        older = self._begun.open
        said = f"{older:,} connection{'s' * (older != 1)}, open before the watch began: not seen what they send"
        return (*self.lacking(), _UDP, *((said,) if older else ()))

    def lacking(self) -> tuple[str, ...]:
        """Those of the notes that tell of less than a host with all rights lets see."""
        late = ("the beginnings of some processes were missed",) if self._programs.lost else ()
        return (*self._notes, *late)

    def close(self) -> None:
        """Look no more; nothing is left behind."""
        self._waker.close()
        self._sense.close()
        self._programs.close()

    def _open_trace(self) -> TraceInstance | None:
        with suppress(OSError):
            if os.readlink("/proc/self/ns/pid") != _FIRST_PIDS:
                self._notes.append("the kernel's trace numbers processes otherwise than this container does")
                return None
        try:
            return TraceInstance()
        except OSError as error:
            self._notes.append(f"the kernel's trace can't be read ({error.strerror or error})")
            return None

    def _open_packets(self, ports: frozenset[int], *, replies: bool) -> PacketSocket | None:
        try:
            return PacketSocket(ports, replies=replies)
        except OSError as error:
            self._notes.append(
                f"packets can't be seen ({error.strerror or error}): no raw frames, payloads, resolved names or ARP"
            )
            return None

    def _open_sense(self, trace: TraceInstance | None, catcher: PacketSocket | None, *, everywhere: bool) -> Sense:
        if trace is not None or catcher is not None:
            return PacketSense(self._actors, trace, catcher, everywhere=everywhere, begun=self._begun)
        self._notes.append(f"sockets are looked at every {PAUSE:g} s: attempts that live shorter are missed")
        return PolledSense(self._actors)

    def _note_programs(self) -> None:
        if not self._programs.told:
            self._notes.append("the kernel does not tell of new processes: programs of short-lived ones are not known")
