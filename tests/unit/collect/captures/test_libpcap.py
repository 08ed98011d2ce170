import os
import sys
from pathlib import Path

import pytest

from codered.collect.captures.libpcap import NoLibpcap, read_filtered
from tests.fixtures.capture_files import ACK, SYN, frame, make_pcap, make_pcapng, make_tcp

A, B = ("192.0.2.1", 4000), ("192.0.2.2", 9999)
SYNS, DATA = frame(make_tcp(A, B, SYN)), frame(make_tcp(A, B, ACK, data=b"x" * 50))


def read(path: Path, data: bytes) -> list[tuple[float, bytes]]:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return list(read_filtered(descriptor, 1, frozenset()))
    finally:
        os.close(descriptor)


def test_filtered_with_times(tmp_path: Path) -> None:
    frames = [(1.25, SYNS), (2.0, DATA), (3.5, SYNS)]
    wanted = [(1.25, SYNS), (3.5, SYNS)]
    assert read(tmp_path / "a", make_pcap(frames)) == wanted
    assert read(tmp_path / "b", make_pcapng(frames)) == wanted


def test_what_it_can_not_read(tmp_path: Path) -> None:
    for data in (b"no capture at all, but long enough", make_pcap([(1.0, SYNS)])[:-5]):
        with pytest.raises(NoLibpcap):
            read(tmp_path / "a", data)


def test_without_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pcapy", None)
    with pytest.raises(NoLibpcap, match="not installed"):
        read(tmp_path / "a", make_pcap([(1.0, SYNS)]))
