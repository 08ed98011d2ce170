import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codered.collect.captures.counts import FileCounts
from codered.collect.captures.pcapng_blocks import PcapngWalker
from tests.fixtures.capture_files import make_block, make_interface, make_packet, make_pcapng, make_section

FRAMES = [(float(at), bytes([at]) * (at + 1)) for at in range(50)]


def walk(data: bytes, piece: int = 10_000) -> tuple[list[tuple[int, float, bytes]], FileCounts]:
    counts, packets = FileCounts(), []
    for batch in PcapngWalker(counts).walk(data[at : at + piece] for at in range(0, len(data), piece)):
        packets += [(batch.link, at, batch.block[start:end]) for at, start, end in batch.packets]
    return packets, counts


@pytest.mark.parametrize("piece", [1, 7, 28, 100, 10_000])
@pytest.mark.parametrize("order", ["<", ">"])
def test_pieces_of_any_size(piece: int, order: str) -> None:
    packets, counts = walk(make_pcapng(FRAMES, order=order), piece)
    assert packets == [(1, *packet) for packet in FRAMES]
    assert (counts.packets, counts.first, counts.last, counts.plain, counts.ended) == (50, 0.0, 49.0, True, "")


def test_simple_and_old_packets() -> None:
    old = struct.pack("<HHIIII", 0, 0, 0, 5_000_000, 3, 3) + b"old"
    simple = struct.pack("<I", 9) + b"simp"
    data = make_section() + make_interface(snaplen=4) + make_block(2, old) + make_block(3, simple)
    packets, counts = walk(data)
    assert packets == [(1, 5.0, b"old"), (1, 5.0, b"simp")]
    assert (counts.without_time, counts.plain) == (1, False)


@pytest.mark.parametrize("resolution", [0, 3, 6, 9, 12, 0x80 | 20, 0x80 | 60])
def test_clocks(resolution: int) -> None:
    data = make_section() + make_interface(resolution=resolution) + make_packet(12.0, b"x", resolution=resolution)
    packets, counts = walk(data)
    assert packets == [(1, 12.0, b"x")]
    assert counts.plain is (resolution in (6, 9))


def test_a_clock_that_starts_elsewhere() -> None:
    options = struct.pack("<HHq", 14, 8, 1000) + struct.pack("<HH", 9, 0) + struct.pack("<HHI", 2, 3, 0)
    data = make_section() + make_block(1, struct.pack("<HHI", 101, 0, 0) + options) + make_packet(12.0, b"x")
    packets, counts = walk(data)
    assert packets == [(101, 1012.0, b"x")]
    assert not counts.plain


def test_options_without_end() -> None:
    block = make_block(1, struct.pack("<HHI", 1, 0, 0) + b"\1\0\0\0" * 200_000 + b"\xff" * 7)
    packets, _ = walk(make_section() + block + make_packet(1.0, b"x"), 1 << 20)
    assert packets == [(1, 1.0, b"x")]


def test_too_many_interfaces_and_other_blocks() -> None:
    data = make_section() + make_interface() * 4100 + make_block(4, b"names") + make_packet(1.0, b"x", interface=4095)
    packets, counts = walk(data + make_packet(2.0, b"y", interface=4096), 1 << 20)
    assert packets == [(1, 1.0, b"x")]
    assert (counts.interfaces_left_out, counts.without_interface) == (4, 1)


def test_the_end_of_a_section_ends_its_interfaces() -> None:
    data = make_pcapng(FRAMES[:2]) + make_section() + make_packet(1.0, b"x")
    packets, counts = walk(data)
    assert packets == [(1, *packet) for packet in FRAMES[:2]]
    assert (counts.without_interface, counts.plain) == (1, False)


@given(some.lists(some.tuples(some.integers(0, 400), some.integers(0, 255)), max_size=8), some.integers(1, 90))
def test_damage_never_raises(damage: list[tuple[int, int]], piece: int) -> None:
    data = bytearray(make_pcapng(FRAMES[:8]))
    for at, value in damage:
        data[at % len(data)] = value
    packets, counts = walk(bytes(data), piece)
    assert counts.packets == len(packets)
