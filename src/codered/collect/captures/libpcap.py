"""Captures read through libpcap (the module pcapy, an extra): only files that our own reader has walked through and
found whole, honest, and of one link type, so that hostile lengths never reach it.
"""

import importlib
from collections.abc import Iterator

from codered.collect.captures.packet_filters import make_filter


class NoLibpcap(Exception):
    """Why libpcap does not read this file; our own reader does."""


def read_filtered(descriptor: int, link: int, ports: frozenset[int]) -> Iterator[tuple[float, bytes]]:
    """Time and bytes of the packets that have a say. Raises NoLibpcap, at once or midway."""
    try:
        pcapy = importlib.import_module("pcapy")  # an extra, loaded where a capture is read
    except ImportError:
        raise NoLibpcap("the module pcapy is not installed") from None
    try:
        reader = pcapy.open_offline(f"/proc/self/fd/{descriptor}")
        reader.setfilter(make_filter(link, ports))
        following = reader.next
        header, frame = following()
        while header is not None:
            seconds, fraction = header.getts()
            yield (seconds * 1_000_000 + fraction) / 1e6, frame
            header, frame = following()
    except (pcapy.PcapError, pcapy.BPFError) as error:
        raise NoLibpcap(str(error)[:200]) from None
