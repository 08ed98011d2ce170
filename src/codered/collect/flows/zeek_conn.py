"""The one loop over the lines of a conn.log: a million a second is what a day of a network makes bearable."""

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import LATEST, SILENT_AFTER, Contact, FlowChunk
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.zeek import OUTCOMES, TRANSPORTS, note_no_attempt

Layout = tuple[bytes, int, int, int, int, int, int]
"""Separator; columns of the time, the originator, the responder, its port, the protocol, the state."""

_Line = tuple[bytes, bytes, bytes, bytes, bytes, float]
"""What matters of a line: originator, responder, port, protocol and state as they stand there, minute."""


class ConnLines:
    """Takes lines of one block into a table and a chunk. What is alike is only counted."""

    def __init__(self, table: ContactTable, chunk: FlowChunk) -> None:
        self._table, self._chunk = table, chunk
        self._alike: dict[_Line, list[int]] = {}  # how often again: a list is changed without another look-up

    def read(self, lines: list[bytes], start: int, layout: Layout) -> int:
        """Take these lines, from `start` on. Gives the first that is not a plain one (a header, or damaged), which is
        for the caller to look at; their number if there is none.
        """
        separator, t, s, d, p, q, c = layout
        most = max(t, s, d, p, q, c) + 1
        alike, find, take_first = self._alike, self._alike.get, self._take_first
        for at in range(start, len(lines)):
            cells = lines[at].split(separator, most)
            try:
                time = float(cells[t])
                key = (cells[s], cells[d], cells[p], cells[q], cells[c], time // 60)
            except (IndexError, ValueError):
                break
            again = find(key)
            if again is not None:
                again[0] += 1
            elif take_first(key, time):
                alike[key] = [0]
            else:
                break
        else:
            at = len(lines)
        self._chunk.records += at - start
        return at

    def finish(self) -> None:
        """Hand over how often lines came again."""
        for (source, destination, port, protocol, state, minute), (count,) in self._alike.items():
            if not count:
                continue
            outcome, transport = OUTCOMES.get(state), TRANSPORTS.get(protocol)
            if outcome is None or transport is None:
                note_no_attempt(state, protocol, self._chunk, count)
            else:
                self._table.add_again((source, destination, int(port), transport, outcome, minute), count)

    def _take_first(self, line: _Line, time: float) -> bool:
        """The first of its kind; whether it is whole."""
        source, destination, port, protocol, state, _ = line
        here, there, outcome = pack_address(source), pack_address(destination), OUTCOMES.get(state)
        if not (here and there and port.isdigit() and len(port) <= 5 and int(port) < 65536 and 0 < time < LATEST):
            return False
        transport = TRANSPORTS.get(protocol)
        if outcome is not None and transport is not None:
            replied = time + SILENT_AFTER if outcome == "silent" else time
            self._table.contacts.append(Contact(time, here, there, int(port), transport, outcome, replied))
            return True
        return not note_no_attempt(state, protocol, self._chunk)
