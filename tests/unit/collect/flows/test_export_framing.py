import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.export_framing import ExportPacket, cut_packets
from tests.fixtures.flow_exports import make_ipfix, make_set, make_template, make_v5, make_v9


def cut(data: bytes, step: int = 1 << 16) -> tuple[list[ExportPacket], int]:
    *packets, rest = cut_packets(data[at : at + step] for at in range(0, len(data), step))
    assert isinstance(rest, int)
    return [packet for packet in packets if not isinstance(packet, int)], rest


def v9(*sets: bytes) -> bytes:
    return struct.pack("!HHIIII", 9, len(sets), 1, 1, 1, 7) + b"".join(sets)


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_packets_are_cut_where_they_end(step: int) -> None:
    whole = [make_v9(), make_v5(), make_ipfix(), make_v9(template=False), make_v9()]
    packets, rest = cut(b"".join(whole), step)
    assert [packet.data for packet in packets] == whole
    assert [packet.why for packet in packets] == [""] * 5
    assert rest == 0


def test_what_is_no_packet_is_left_over() -> None:
    packets, rest = cut(make_v5() + b"\0\x07junk" * 10)
    assert len(packets) == 1
    assert rest == 60


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (make_template(()), "without fields"),
        (make_template(((8, 0), (12, 4))), "no fixed length"),
        (make_template(((8, 4), (12, 0xFFFF))), "no fixed length"),
        (make_template(((8, 3), (12, 4), (7, 4))), "odd length"),
        (make_template(((4, 1),)), "too short"),
        (struct.pack("!HHHH", 256, 400, 8, 4), "do not fit"),
    ],
)
def test_a_template_that_would_hang_the_decoder_never_reaches_it(template: bytes, why: str) -> None:
    packets, _ = cut(v9(make_set(0, template), make_set(256, bytes(64))))
    assert packets[0].data == b""
    assert why in packets[0].why


def test_options_are_left_out_silently() -> None:
    options = make_set(1, struct.pack("!HHHHHHH", 300, 4, 4, 1, 4, 34, 4))
    packets, _ = cut(v9(options, make_set(300, bytes(8))))
    assert packets[0].data == b""
    assert packets[0].why == ""
    ipfix = make_set(3, struct.pack("!HHHHHHH", 300, 2, 1, 149, 4, 34, 4)) + make_set(300, bytes(8))
    packets, _ = cut(struct.pack("!HHIII", 10, 16 + len(ipfix), 1, 1, 7) + ipfix)
    assert (packets[0].data, packets[0].why) == (b"", "")


def test_a_set_longer_than_its_packet_is_told() -> None:
    data = make_ipfix()
    packets, _ = cut(data[:18] + b"\xff\xff" + data[20:])
    assert packets[0].why == "a set longer than its packet"


@given(st.binary(max_size=400), st.sampled_from([b"\0\x05", b"\0\x09", b"\0\x0a"]))
def test_any_bytes_are_cut_and_end(data: bytes, version: bytes) -> None:
    packets, rest = cut(version + data)
    assert sum(packet.size for packet in packets) + rest == len(data) + 2
