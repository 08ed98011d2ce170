"""What a connection sends, as far as it is to be judged: its first bytes, and every segment that begins a request."""

from collections import OrderedDict

from codered.collect.request_words import WORD, load_request_words
from codered.collect.traffic.frames import Segment
from codered.model.traffic import Attempt, Sent

MOST_SENT = 2048  # bytes of a request, or of a connection's beginning
MOST_UNDER_WAY = 4096  # requests that may go on: 8 MiB
NOTHING_SENT = -1
_NUMBERS, _HALF = 0xFFFF_FFFF, 0x8000_0000


class Beginnings:
    """Bounded: a request is forgotten once there is enough of it, and the oldest ones where there are too many."""

    def __init__(self) -> None:
        words = load_request_words()
        self._begins = frozenset(word[:size] for word in words for size in range(1, WORD + 1))
        self._under_way: OrderedDict[bytes, bytes] = OrderedDict()

    def add(self, segment: Segment, expected: int, attempt: Attempt, at: float) -> tuple[int, Sent | None]:
        """The number that the connection's next byte has, and its request with this segment's data; None if that is
        none, or no more of it. `expected` is the number known so far (NOTHING_SENT).
        """
        ahead = segment.sequence - expected & _NUMBERS if expected != NOTHING_SENT else 0
        if ahead >= _HALF:
            return expected, None  # sent once more
        goes_on = segment.sequence + len(segment.payload) & _NUMBERS
        before = self._under_way.pop(segment.ends, b"")
        if expected == NOTHING_SENT or ahead:
            before = b""  # of an older connection between the same ports; or there is a gap
        if self._is_first(segment.payload, before):
            before = b""
        elif not before and expected != NOTHING_SENT:
            return goes_on, None
        data = (before + segment.payload)[:MOST_SENT]
        if len(data) < MOST_SENT:
            self._under_way[segment.ends] = data
            if len(self._under_way) > MOST_UNDER_WAY:
                self._under_way.popitem(last=False)
        to = attempt.destination
        return goes_on, Sent(at, attempt.actor, attempt.source, to, attempt.port, data, continued=bool(before))

    def _is_first(self, data: bytes, before: bytes) -> bool:
        """Whether a request begins here; of one sent byte by byte only behind the end of a line, or of another one."""
        return data[:WORD] in self._begins and (len(data) >= WORD or not before or before.endswith(b"\n"))
