"""What is counted while a capture is read, and how it is told."""

import msgspec

_FEW = 8


class FileCounts(msgspec.Struct):
    """What the records of the file say of themselves. `ended` tells why reading stopped early ("" = it did not);
    `latest` is where the clock stands (it may have gone back); `short`: records cut so short that headers may be
    missing; `plain`: what libpcap would read alike (one section and interface, whole, honest).
    """

    packets: int = 0
    first: float = 0.0
    last: float = 0.0
    latest: float = 0.0
    ended: str = ""
    plain: bool = True
    lying: int = 0
    short: int = 0
    backwards: int = 0
    absurd_times: int = 0
    without_time: int = 0
    without_interface: int = 0
    interfaces_left_out: int = 0
    links_unread: dict[int, int] = {}

    def see_back(self, latest: float, at: float) -> bool:
        """Keep the earliest and the latest time right when the clock went back; whether it jumped (> 1 s)."""
        self.last = max(self.last, latest)
        self.first = min(self.first, at)
        if latest - at <= 1.0:
            return False
        self.backwards += 1
        self.plain = False
        return True

    def see_batch(self, packets: list[tuple[float, int, int]], latest: float) -> None:
        """Take what a batch of packets (time, start, end) adds; `latest` is where the clock stands after it."""
        if packets and not self.packets:
            self.first = min(packet[0] for packet in packets)
        self.packets += len(packets)
        self.latest = latest
        if packets:
            self.last = max(self.last, latest)
        if self.ended or self.short or self.lying or self.absurd_times:
            self.plain = False


class PacketCounts(msgspec.Struct):
    """What could not be told of packets. `one_way`: connections that went on with no answer seen; `unasked`: answers to
    what is not in the file; `answers`: those with their question. `not_ip`: packets that must be IP and are not;
    `other`: frames that say they carry something else.
    """

    fragments: int = 0
    cut_headers: int = 0
    lying: int = 0
    chains_too_long: int = 0
    inside: dict[str, int] = {}
    one_way: int = 0
    unasked: int = 0
    answers: int = 0
    cut_short_waiting: int = 0
    not_ip: int = 0
    other: int = 0

    def lacks_direction(self) -> bool:
        """Whether so much is missing of one direction that what looks failed may have been answered."""
        return _is_much(self.one_way, self.answers) or _is_much(self.unasked, self.answers)

    def see_inside(self, what: str) -> None:
        """A packet that carries another one which is not looked at."""
        self.inside[what] = self.inside.get(what, 0) + 1


_PACKET_TROUBLES = (
    (
        "fragments",
        "packets are pieces; they are never put together (pieces may overlap), only a first one is looked at",
    ),
    ("cut_headers", "packets are cut before the end of their headers"),
    ("lying", "packets give lengths that can't be"),
    ("chains_too_long", "IPv6 packets have more extension headers than are followed"),
    (
        "one_way",
        "connections go on with no answer seen: one direction of them is missing; they count as answered",
    ),
    ("cut_short_waiting", "requests were judged before they were whole: too many began at once"),
)


def _is_much(lacking: int, answers: int) -> bool:
    """Whether this is more than the few that a capture begins and ends with."""
    return lacking >= _FEW and 4 * lacking > answers


def tell_file_troubles(counts: FileCounts, link_names: dict[int, str]) -> list[str]:
    """The troubles with the file, in words."""
    told = [counts.ended] if counts.ended else []
    for count, what in (
        (counts.lying, "records give lengths that can't be"),
        (counts.backwards, "times the clock goes back by more than 1 s"),
        (counts.absurd_times, "packets have a time that can't be; the time of the packet before them was taken"),
        (counts.without_time, "packets have no time; the time of the packet before them was taken"),
        (counts.without_interface, "packets name an interface the file does not describe; they were not read"),
        (counts.interfaces_left_out, "interfaces are beyond the number that is kept; their packets were not read"),
    ):
        if count:
            told.append(f"{count} {what}")
    for link, count in sorted(counts.links_unread.items()):
        name = link_names.get(link, "unknown")
        told.append(f"{count} packets are of link type {link} ({name}), which is not read")
    return told


def tell_packet_troubles(counts: PacketCounts, packets: int) -> list[str]:
    """The troubles with packets, in words; `packets` is how many there are."""
    told = [f"{getattr(counts, field)} {what}" for field, what in _PACKET_TROUBLES if getattr(counts, field)]
    told += [f"{count} packets are inside {what}, which is not looked into" for what, count in counts.inside.items()]
    if _is_much(counts.unasked, counts.answers):
        told.append(f"{counts.unasked} answers are to attempts that are not in it: one direction is missing")
    if no_ip := counts.not_ip + (counts.other if 2 * counts.other >= packets else 0):
        told.append(f"{no_ip} of {packets} packets are no IP: the file may name a wrong link type")
    return told
