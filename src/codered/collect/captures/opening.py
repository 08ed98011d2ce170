"""Opening a capture (pcap or pcapng, plain or packed) and reading it as events."""

import os
import socket
import stat
from collections.abc import Collection, Iterator
from contextlib import closing
from itertools import islice

from codered.collect.captures import checking
from codered.collect.captures.blocks import read_pieces
from codered.collect.captures.counts import FileCounts, tell_file_troubles, tell_packet_troubles
from codered.collect.captures.frames import Ether, Frames
from codered.collect.captures.libpcap import NoLibpcap, read_filtered
from codered.collect.captures.links import load_link_types
from codered.collect.captures.pcap_records import HEAD, Batch, PcapHead, pass_pcap, read_pcap_head, walk_pcap
from codered.collect.captures.pcapng_blocks import SECTION, PcapngWalker
from codered.collect.log_unpacking import Packing, detect_packing
from codered.collect.traffic_source import Repeats
from codered.model.errors import WrongUse
from codered.model.traffic import Actor, SeenTraffic

_ADVICE = "give a pcap or pcapng file, plain or packed with gzip or zstd"
_KUZNETZOV = (b"\xa1\xb2\xcd\x34", b"\x34\xcd\xb2\xa1")


class Capture:
    """An open capture. `kind` says what it is; after `read`: `packets` in it, `troubles` in words, `first` and `last`
    in seconds since the epoch (0 = no packets). `through_libpcap` tells which reader gave the events.
    """

    def __init__(self, descriptor: int, ports: Collection[int], *, may_use_libpcap: bool = True) -> None:
        self._descriptor = descriptor
        self._ports = frozenset(port for port in ports if 0 <= port < 1 << 16)
        self._may_use_libpcap = may_use_libpcap
        self._packing: Packing = detect_packing(os.pread(descriptor, 8, 0))
        self._head = _read_head(descriptor, self._packing)
        self.kind = f"a capture ({_name_format(self._head)}{_PACKED.get(self._packing, '')})"
        self.packets = 0
        self.records = 0
        self.repeats: Repeats = {}  # every attempt is given
        self.troubles: list[str] = []
        self.first = self.last = 0.0
        self.through_libpcap = False
        self.lacks_direction = False

    def read(self) -> Iterator[SeenTraffic]:
        """The events, as they come in the file. Can be called again. Nothing in a file makes it raise."""
        given = 0
        if self._may_use_libpcap and self._packing == "plain":
            head = read_pcap_head(self._head)
            large = head is not None and os.fstat(self._descriptor).st_size >= checking.BESIDE_FROM
            try:
                for event in self._read_checked(head) if head and large else self._read_through_libpcap():
                    given += 1
                    yield event
                return
            except NoLibpcap:
                pass  # our own reader gives the same events: the first ones were given
        yield from islice(self._read_alone(), given, None)

    def describe(self, actor: bytes) -> Actor:
        """Who an actor's key (a packed address) stands for."""
        return Actor(address=show_address(actor), why_no_process="a capture names no process")

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _walk(self, counts: FileCounts) -> Iterator[Batch]:
        pieces = read_pieces(self._descriptor, self._packing, counts)
        head = read_pcap_head(self._head)
        return walk_pcap(head, pieces, counts) if head else PcapngWalker(counts).walk(pieces)

    def _find_plain_link(self) -> int | None:
        """The link type of a file that libpcap reads just as we do, found by walking through all of it."""
        counts, link, head = FileCounts(), None, read_pcap_head(self._head)
        if head is not None:
            pass_pcap(head, read_pieces(self._descriptor, self._packing, counts), counts)
            link = head.link
        else:
            for batch in self._walk(counts):
                link = batch.link
                if not counts.plain:
                    return None
        self._take_counts(counts)
        known = load_link_types().read.get(-1 if link is None else link)
        return link if counts.plain and known is not None and known.libpcap else None

    def _read_through_libpcap(self) -> Iterator[SeenTraffic]:
        """First all is walked through, then libpcap reads. Raises NoLibpcap."""
        link = self._find_plain_link()
        if link is None:
            raise NoLibpcap("the file is not plain")
        ether = Ether(self._ports)
        yield from self._take_filtered(self._descriptor, link, ether)
        self.through_libpcap = True
        yield from self._finish(ether, [])

    def _read_checked(self, head: PcapHead) -> Iterator[SeenTraffic]:
        """Libpcap reads what a process beside it has walked through. Raises NoLibpcap, at the first oddity."""
        known, counts = load_link_types().read.get(head.link), FileCounts()
        if known is None or not known.libpcap:
            raise NoLibpcap("its filters see other packets")
        pieces = read_pieces(self._descriptor, self._packing, counts)
        with closing(checking.Checking(head, pieces, counts)) as check:
            ether = Ether(self._ports)
            yield from self._take_filtered(check.descriptor, head.link, ether)
            found = check.finish()
        if found is None or not found.plain:
            raise NoLibpcap("the file is not plain to its end")
        self._take_counts(found)
        self.through_libpcap = True
        yield from self._finish(ether, [])

    def _take_filtered(self, descriptor: int, link: int, ether: Ether) -> Iterator[SeenTraffic]:
        take, events = Frames(load_link_types().read[link], ether).take, ether.events
        for moment, frame in read_filtered(descriptor, link, self._ports):
            take(frame, moment)
            if events:
                yield from events
                events.clear()

    def _read_alone(self) -> Iterator[SeenTraffic]:
        ether, counts, types = Ether(self._ports), FileCounts(), load_link_types()
        events = ether.events
        frames: dict[int, Frames] = {}
        self.through_libpcap = False
        for link, block, packets in self._walk(counts):
            if link not in types.read:
                _count_link(counts.links_unread, link, len(packets))
                continue
            if link not in frames:
                frames[link] = Frames(types.read[link], ether)
            take = frames[link].take
            for moment, start, end in packets:
                take(block[start:end], moment)
                if events:
                    yield from events
                    events.clear()
        self._take_counts(counts)
        yield from self._finish(ether, tell_file_troubles(counts, types.names()))

    def _take_counts(self, counts: FileCounts) -> None:
        self.packets, self.first, self.last = counts.packets, counts.first, counts.last

    def _finish(self, ether: Ether, troubles: list[str]) -> Iterator[SeenTraffic]:
        ether.connections.finish()
        self.troubles = troubles + tell_packet_troubles(ether.counts, self.packets)
        self.lacks_direction = ether.counts.lacks_direction()
        if ether.forgotten:
            self.troubles.append(f"{ether.forgotten} connections were forgotten, so that memory stays bounded")
        if not self.packets:
            self.troubles.append("there is no packet in it")
        yield from ether.events
        ether.events.clear()


_PACKED: dict[Packing, str] = {"gz": ", gz", "zst": ", zst", "bz2": ", bz2", "xz": ", xz"}
_MOST_LINKS_TOLD = 32


def open_capture(path: bytes, interesting_ports: Collection[int] = (), *, may_use_libpcap: bool = True) -> Capture:
    """A capture file to read events from; `interesting_ports`: where the first bytes of any client are wanted, not only
    those that begin like an HTTP request. Raises WrongUse if it is no such file, or can't be opened.
    """
    name = path.decode(errors="backslashreplace")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise WrongUse(f"can't be opened: {error}", where=name, advice=_ADVICE) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise WrongUse("is no regular file", where=name, advice=_ADVICE)
        return Capture(descriptor, interesting_ports, may_use_libpcap=may_use_libpcap)
    except (OSError, WrongUse) as error:
        os.close(descriptor)
        what = error.what if isinstance(error, WrongUse) else f"can't be read: {error}"
        raise WrongUse(what, where=name, advice=_ADVICE) from None


def is_capture(head: bytes) -> bool:
    """Whether unpacked bytes (24 at least) begin a capture."""
    return read_pcap_head(head) is not None or head.startswith(SECTION)


def show_address(packed: bytes) -> str:
    """A packed address as text, "" for what is none."""
    kind = {4: socket.AF_INET, 16: socket.AF_INET6}.get(len(packed))
    return socket.inet_ntop(kind, packed) if kind is not None else ""


def _read_head(descriptor: int, packing: Packing) -> bytes:
    return next(read_pieces(descriptor, packing, FileCounts()), b"")[:HEAD]


def _name_format(head: bytes) -> str:
    if head[:4] in _KUZNETZOV:
        raise WrongUse("is a capture in Kuznetzov's variant of pcap; `editcap -F pcap` converts it")
    if not is_capture(head):
        raise WrongUse("is no capture")
    return "pcapng" if head.startswith(SECTION) else "pcap"


def _count_link(unread: dict[int, int], link: int, packets: int) -> None:
    if link in unread or len(unread) < _MOST_LINKS_TOLD:
        unread[link] = unread.get(link, 0) + packets
