"""Files of traffic, whatever their format: captures, flow logs, flow exports, told by their content."""

import heapq
import os
import stat
from collections.abc import Collection, Iterator
from operator import attrgetter

from codered.collect.captures.opening import is_capture, open_capture
from codered.collect.flows.lines import read_head
from codered.collect.flows.opening import open_flows
from codered.collect.traffic_source import Repeats, TrafficSource
from codered.model.errors import WrongUse
from codered.model.traffic import Actor, SeenTraffic

__all__ = ["TrafficSource", "open_traffic"]

MOST_FILES = 256  # of one folder
_MOST_ENTRIES = 10_000
_MOST_NAMED = 20
_ADVICE = (
    "pcap and pcapng, Zeek's conn.log, http.log and dns.log, Suricata's EVE, NetFlow v5, v9 and IPFIX, AWS VPC flow "
    "logs and nfdump's CSV are read; for another table say --columns"
)


def open_traffic(path: bytes, columns: str = "", interesting_ports: Collection[int] = ()) -> TrafficSource:
    """The traffic in a file, or in every file of a folder that is traffic. `columns` is the column map of a table,
    `interesting_ports` where a capture's first bytes are wanted. No link is followed. Raises WrongUse.
    """
    name = path.decode(errors="backslashreplace")
    descriptor = _open(path, name)
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return _open_folder(path, name, columns, interesting_ports)
    source: TrafficSource | None = None
    try:
        head = _read_head(descriptor, name)
        if is_capture(head):
            return open_capture(path, interesting_ports)
        source = open_flows(descriptor, head, name, columns)
    finally:
        if source is None:
            os.close(descriptor)
    if source is None:
        raise WrongUse("no traffic that is known", where=name, advice=_ADVICE)
    return source


class TrafficFolder:
    """The files of a folder as one source, merged in time. See TrafficSource."""

    def __init__(self, sources: dict[str, TrafficSource], passed_over: list[str]) -> None:
        self._sources = sources
        self._passed_over = passed_over
        self.kind = f"a folder with {len(sources)} file{'s' if len(sources) != 1 else ''} of traffic"
        self.packets = 0
        self.records = 0
        self.troubles: list[str] = []
        self.first = 0.0
        self.last = 0.0
        self.repeats: Repeats = {}
        self.lacks_direction = False

    def read(self) -> Iterator[SeenTraffic]:
        """Every event of every file once, in rising time as far as the files allow."""
        yield from heapq.merge(*(source.read() for source in self._sources.values()), key=attrgetter("at"))
        for name, source in self._sources.items():
            self.packets += source.packets
            self.records += source.records
            self.lacks_direction |= source.lacks_direction
            self.troubles += [f"{name}: {trouble}" for trouble in source.troubles]
            self.first = min(filter(None, (self.first, source.first)), default=0.0)
            self.last = max(self.last, source.last)
            for group, count in source.repeats.items():
                self.repeats[group] = self.repeats.get(group, 0) + count
        self.troubles += self._passed_over

    def describe(self, actor: bytes) -> Actor:
        """An address is an address in every file."""
        return next(iter(self._sources.values())).describe(actor)

    def close(self) -> None:
        """Let go of all files."""
        for source in self._sources.values():
            source.close()


def _open(path: bytes, name: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise WrongUse(f"can't be opened: {why}", where=name, advice="links are not followed: name the file") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        os.close(descriptor)
        raise WrongUse("neither a file nor a folder", where=name, advice="copy what it gives into a file first")
    return descriptor


def _read_head(descriptor: int, name: str) -> bytes:
    try:
        head = read_head(descriptor)
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=name, advice="copy it first") from None
    if not head.strip(b"\0"):
        raise WrongUse("nothing in it that can be read", where=name, advice=_ADVICE)
    return head


def _open_folder(path: bytes, name: str, columns: str, ports: Collection[int]) -> TrafficFolder:
    try:
        entries = sorted(os.listdir(path))
    except OSError as error:
        raise WrongUse(f"can't be listed: {error.strerror}", where=name, advice="name its files") from None
    sources: dict[str, TrafficSource] = {}
    passed: list[str] = []
    for entry in entries[:_MOST_ENTRIES]:
        shown = entry.decode(errors="backslashreplace")
        full = os.path.join(path, entry)
        if not stat.S_ISREG(os.lstat(full).st_mode):
            passed.append(f"{shown}: no plain file")
        elif len(sources) >= MOST_FILES:
            passed.append(f"{shown}: more than {MOST_FILES} files: give it in a call of its own")
        else:
            try:
                sources[shown] = open_traffic(full, columns, ports)
            except WrongUse as why:
                passed.append(f"{shown}: {why.what}")
    if not sources:
        raise WrongUse("no file of traffic in this folder", where=name, advice=_ADVICE)
    return TrafficFolder(sources, _shorten(passed, len(entries)))


def _shorten(passed: list[str], entries: int) -> list[str]:
    """Files that were not read are named, a few of them; of the others their number."""
    beyond = len(passed) - _MOST_NAMED + max(0, entries - _MOST_ENTRIES)
    rest = [f"and {beyond:,} other files were not read"] if beyond > 0 else []
    return [f"not read: {one}" for one in passed[:_MOST_NAMED]] + rest
