"""One-way flow records put together: who reached for whom, and what came back. Exporters write each direction as a flow
of its own, the answer often later; TCP flags are all that were seen in that direction.
"""

from codered.collect.flows.chunk import Contact, OneWay
from codered.collect.flows.contacts import find_reply_time
from codered.model.traffic import Outcome

MOST_WAITING = 200_000  # records
WAIT = 120.0  # seconds between the starts of the two directions
_SYN, _RST, _ACK = 0x02, 0x04, 0x10
_SAME_MOMENT = 0.002  # seconds: exporters' clocks tell no finer who was first
_SERVERS_BELOW = 1024

_Key = tuple[bytes, bytes, int, int, str]


class Pairing:
    """Takes one-way flows in about rising time and gives contacts when both directions are there, or when the other one
    is not to be expected any more. `forgotten` counts those given up early because too many waited.
    """

    def __init__(self) -> None:
        self.forgotten = 0
        self.one_sided = 0
        self._waiting: dict[_Key, OneWay] = {}  # oldest first
        self._now = 0.0

    def take(self, flow: OneWay) -> list[Contact]:
        """What can be said now."""
        self._now = max(self._now, flow.at)
        done: list[Contact] = []
        other = self._waiting.pop((flow.destination, flow.source, flow.port, flow.source_port, flow.protocol), None)
        if other is not None and abs(other.at - flow.at) <= WAIT:
            _add(done, _join(*_order(other, flow)))
        else:
            if other is not None:
                self._give_up(other, done)
            key = (flow.source, flow.destination, flow.source_port, flow.port, flow.protocol)
            earlier = self._waiting.pop(key, None)
            if earlier is not None and earlier.flags >= 0 and flow.flags >= 0 and flow.at - earlier.at <= WAIT:
                earlier.flags |= flow.flags  # a repeated SYN, or the same flow cut in two by the exporter
                flow = earlier
            elif earlier is not None:
                self._give_up(earlier, done)
            self._waiting[key] = flow
        self._expire(done)
        return done

    def finish(self) -> list[Contact]:
        """What is said of all that still waits."""
        done: list[Contact] = []
        for flow in self._waiting.values():
            self._give_up(flow, done)
        self._waiting.clear()
        return done

    def _expire(self, done: list[Contact]) -> None:
        while self._waiting:
            key = next(iter(self._waiting))
            flow = self._waiting[key]
            full = len(self._waiting) > MOST_WAITING
            if not full and flow.at + WAIT >= self._now:
                return
            self.forgotten += full
            del self._waiting[key]
            self._give_up(flow, done)

    def _give_up(self, flow: OneWay, done: list[Contact]) -> None:
        contact = _judge_alone(flow)
        _add(done, contact)
        self.one_sided += contact is None


def _add(done: list[Contact], contact: Contact | None) -> None:
    if contact is not None:
        done.append(contact)


def _order(one: OneWay, other: OneWay) -> tuple[OneWay, OneWay]:
    """The one who began first. A SYN without ACK never answers; the earlier start tells, then the lower port's side is
    the server.
    """
    for first, second in ((one, other), (other, one)):
        if first.flags >= 0 and first.flags & (_SYN | _ACK) == _SYN:
            return first, second
    if abs(one.at - other.at) > _SAME_MOMENT:
        return (one, other) if one.at < other.at else (other, one)
    return (one, other) if one.port <= one.source_port else (other, one)


def _join(first: OneWay, back: OneWay) -> Contact | None:
    if first.protocol == "tcp" and first.flags >= 0 and not first.flags & _SYN:
        return None  # the middle of a connection
    refused = back.flags >= 0 and bool(back.flags & _RST) and not back.flags & _SYN
    return _make(first, "refused" if refused and first.protocol == "tcp" else "answered")


def _judge_alone(flow: OneWay) -> Contact | None:
    """A direction whose other one was not recorded."""
    if flow.protocol == "tcp" and flow.flags >= 0:
        if not flow.flags & _SYN:
            return None
        if not flow.flags & _ACK:
            return _make(flow, "silent")
        return _make(flow, "answered") if flow.port < flow.source_port else None  # it acknowledged something
    if flow.source_port < _SERVERS_BELOW <= flow.port:
        return None  # a server's answer
    return _make(flow, "silent")


def _make(flow: OneWay, outcome: Outcome) -> Contact:
    replied = find_reply_time(flow.at, outcome)
    return Contact(flow.at, flow.source, flow.destination, flow.port, flow.protocol, outcome, replied)
