import os
import struct
from contextlib import closing
from pathlib import Path

import pytest

from codered.collect.captures import checking
from codered.collect.captures.blocks import read_pieces
from codered.collect.captures.checking import Checking
from codered.collect.captures.counts import FileCounts
from codered.collect.captures.opening import Capture, open_capture
from codered.collect.captures.pcap_records import read_pcap_head
from tests.fixtures.capture_files import SYN, frame, make_pcap, make_tcp
from tests.fixtures.children import list_children

FRAMES = [(float(at), frame(make_tcp(("192.0.2.1", 4000 + at), ("192.0.2.2", 80), SYN))) for at in range(1, 40)]
FILE = make_pcap(FRAMES)
LYING = struct.pack("<IIII", 50, 0, 0xFFFF_FFF0, 60)


def check(path: Path, data: bytes) -> tuple[bytes, FileCounts | None]:
    path.write_bytes(data)
    descriptor, counts, children = os.open(path, os.O_RDONLY), FileCounts(), list_children()
    head = read_pcap_head(data[:24])
    assert head is not None
    with closing(Checking(head, read_pieces(descriptor, "plain", counts), counts)) as begun:
        handed = b"".join(iter(lambda: os.read(begun.descriptor, 100), b""))
        found = begun.finish()
    os.close(descriptor)
    assert list_children() == children
    return handed, found


def test_an_honest_file_is_handed_on(tmp_path: Path) -> None:
    handed, found = check(tmp_path / "a", FILE)
    assert handed == FILE
    assert found is not None
    assert (found.plain, found.packets, found.first, found.last) == (True, 39, 1.0, 39.0)


def test_what_is_odd_is_kept_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.captures.blocks.PIECE", 500)
    for data in (FILE + LYING + b"x" * 90, FILE + LYING):
        handed, found = check(tmp_path / "a", data)
        assert found is not None
        assert not found.plain
        assert FILE.startswith(handed)
        assert len(handed) > 1000
    handed, found = check(tmp_path / "a", FILE[:-1])
    assert found is not None
    assert (found.plain, FILE.startswith(handed)) == (False, True)


def test_ended_early_it_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(FILE)
    descriptor, counts, head = os.open(tmp_path / "a", os.O_RDONLY), FileCounts(), read_pcap_head(FILE[:24])
    assert head is not None
    before, children = os.listdir("/proc/self/fd"), list_children()
    begun = Checking(head, read_pieces(descriptor, "plain", counts), counts)
    begun.close()
    begun.close()
    assert os.listdir("/proc/self/fd") == before
    os.close(descriptor)
    assert list_children() == children


def read(path: Path, *, may_use_libpcap: bool = True) -> tuple[list[object], Capture]:
    capture = open_capture(os.fsencode(path), (80,), may_use_libpcap=may_use_libpcap)
    with closing(capture):
        return list(capture.read()), capture


@pytest.mark.parametrize("data", [FILE, FILE[:-1], FILE + LYING + b"x" * 90, FILE + FILE[24:], FILE[:24] + LYING])
def test_large_files_give_what_small_ones_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("codered.collect.captures.blocks.PIECE", 500)
    path = tmp_path / "a"
    path.write_bytes(data)
    alone = read(path, may_use_libpcap=False)
    small = read(path)
    monkeypatch.setattr(checking, "BESIDE_FROM", 0)
    large = read(path)
    assert large[0] == small[0] == alone[0]
    for what in ("packets", "first", "last", "troubles"):
        assert getattr(large[1], what) == getattr(small[1], what) == getattr(alone[1], what)
    assert large[1].through_libpcap == small[1].through_libpcap
