"""The one loop over the lines of a conn.log: a million a second is what a day of a network makes bearable."""

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import LATEST, SILENT_AFTER, Contact, FlowChunk
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.zeek import OUTCOMES, TRANSPORTS

Layout = tuple[bytes, int, int, int, int, int, int]
"""Separator; columns of the time, the originator, the responder, its port, the protocol, the state."""


def read_contacts(lines: list[bytes], start: int, layout: Layout, table: ContactTable, chunk: FlowChunk) -> int:
    """Take the contacts of these lines, from `start` on. Gives the first line that is not a plain one (a header, one
    that is damaged or no attempt), which is for the caller to look at; their number if there is none.
    """
    separator, t, s, d, p, q, c = layout
    most = max(t, s, d, p, q, c) + 1
    seen, counts, add, keep = table.seen, table.counts, table.seen.add, table.contacts.append
    outcome_of, transport_of = OUTCOMES.get, TRANSPORTS.get
    for at in range(start, len(lines)):
        cells = lines[at].split(separator, most)
        try:
            time = float(cells[t])
            key = (cells[s], cells[d], int(cells[p]), transport_of(cells[q]), outcome_of(cells[c]), time // 60)
        except (IndexError, ValueError):
            break
        if key in seen:
            counts[key] = counts.get(key, 0) + 1
            continue
        source, destination, port, protocol, outcome, _ = key
        here, there = pack_address(source), pack_address(destination)
        if not (here and there and protocol and outcome and 0 <= port < 65536 and 0 < time < LATEST):
            break
        add(key)
        replied = time + SILENT_AFTER if outcome == "silent" else time
        keep(Contact(time, here, there, port, protocol, outcome, replied))
    else:
        at = len(lines)
    chunk.records += at - start
    return at
