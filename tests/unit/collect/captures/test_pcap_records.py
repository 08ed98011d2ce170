import pytest

from codered.collect.captures.counts import FileCounts
from codered.collect.captures.pcap_records import pass_pcap, read_pcap_head, walk_pcap
from tests.fixtures.capture_files import make_pcap

FRAMES = [(float(at), bytes([at]) * (at + 1)) for at in range(50)]


def walk(data: bytes, piece: int) -> tuple[list[tuple[float, bytes]], FileCounts]:
    head = read_pcap_head(data[:24])
    assert head is not None
    counts, packets = FileCounts(), []
    for batch in walk_pcap(head, (data[at : at + piece] for at in range(0, len(data), piece)), counts):
        packets += [(at, batch.block[start:end]) for at, start, end in batch.packets]
    return packets, counts


@pytest.mark.parametrize("piece", [1, 7, 24, 25, 100, 10_000])
def test_pieces_of_any_size(piece: int) -> None:
    packets, counts = walk(make_pcap(FRAMES), piece)
    assert packets == FRAMES
    assert (counts.packets, counts.first, counts.last, counts.plain, counts.ended) == (50, 0.0, 49.0, True, "")


def test_heads() -> None:
    assert read_pcap_head(make_pcap([], order=">", nano=True)) == (">", 1000, 1)
    assert read_pcap_head(make_pcap([], link=0x1400_0071)) == ("<", 1, 0x71)
    assert read_pcap_head(make_pcap([])[:23]) is None
    assert read_pcap_head(b"\0" * 24) is None


def test_a_packet_that_is_too_large_ends_it() -> None:
    packets, counts = walk(make_pcap(FRAMES) + b"\0" * 8 + b"\1\0\4\0" + b"\0" * 99, 10_000)
    assert packets == FRAMES
    assert "262145 bytes" in counts.ended
    assert "at byte" in counts.ended
    assert not counts.plain


def test_short_and_late_packets() -> None:
    _, counts = walk(make_pcap([(1.0, b"x" * 200)], snaplen=68), 9)
    assert (counts.short, counts.plain) == (1, False)
    _, counts = walk(make_pcap([(1.0, b"x" * 2000)], snaplen=300), 9)
    assert (counts.short, counts.plain) == (0, True)
    packets, counts = walk(make_pcap([(9.0, b""), (8.5, b""), (2.0, b""), (3.0, b"")]), 30)
    assert [at for at, _ in packets] == [9.0, 8.5, 2.0, 3.0]
    assert (counts.backwards, counts.first, counts.last) == (1, 2.0, 9.0)


def pass_through(data: bytes, piece: int) -> FileCounts:
    head, counts = read_pcap_head(data[:24]), FileCounts()
    assert head is not None
    pass_pcap(head, (data[at : at + piece] for at in range(0, len(data), piece)), counts)
    return counts


@pytest.mark.parametrize("piece", [1, 7, 24, 30, 100, 10_000])
def test_passing_through_sees_the_same(piece: int) -> None:
    data = make_pcap(FRAMES[3:])
    counts = pass_through(data, piece)
    assert (counts.packets, counts.first, counts.last, counts.plain) == (47, 3.0, 49.0, True)
    assert pass_through(make_pcap([]), piece).plain
    odd = (
        data[:-1],
        data + b"\0",
        data + b"\x40\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0xx",
        data + b"\x40\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0x",
        data + b"\x40\0\0\0\x40\x42\x0f\0\0\0\0\0\0\0\0\0",
        data + b"\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        data + b"\x40\0\0\0\0\0\0\0\1\0\4\0\1\0\4\0" + b"x" * 0x40001,
    )
    assert [pass_through(one, piece).plain for one in odd if piece > 1] == [False] * len(odd) * (piece > 1)
