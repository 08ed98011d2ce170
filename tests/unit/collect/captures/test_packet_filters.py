import pcapy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from codered.collect.captures.frames import Ether, Frames
from codered.collect.captures.links import load_link_types
from codered.collect.captures.packet_filters import make_filter
from tests.fixtures.capture_files import ACK, COOKED, ETHERNET, RAW, SYN, frame, make_ip, make_tcp, make_udp

LINKS = {ETHERNET: 1, COOKED: 113, RAW: 12}  # as libpcap calls them
PORTS = frozenset((80, 445))
PROGRAMS = {link: pcapy.compile(number, 262144, make_filter(link, PORTS), 1, 0) for link, number in LINKS.items()}
A, B, SIX, SIX_B = "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"


def passes(data: bytes, link: int = ETHERNET) -> bool:
    return bool(PROGRAMS[link].filter(data))


@pytest.mark.parametrize(("one", "other"), [(A, B), (SIX, SIX_B)])
@pytest.mark.parametrize("link", sorted(LINKS))
def test_data_in_the_middle_never_reaches_us(link: int, one: str, other: str) -> None:
    for flags, data, port in ((ACK, b"x" * 900, 9999), (ACK, b"", 80), (ACK, b"", 9999)):
        assert not passes(frame(make_tcp((one, 4000), (other, port), flags, data=data), link), link)
    for flags, data, port in ((ACK, b"x", 80), (SYN, b"", 9999), (ACK, b"GET /", 9999)):
        assert passes(frame(make_tcp((one, 4000), (other, port), flags, data=data), link), link)
    assert passes(frame(make_udp((one, 53), (other, 4000)), link), link)
    assert passes(frame(make_tcp((one, 4000), (other, 9999), ACK | 1), link), link)


def test_what_is_no_ip_passes_and_no_more_behind_a_tag() -> None:
    assert passes(frame(make_tcp((A, 4000), (B, 9999), ACK), ETHERNET), RAW)
    assert passes(make_tcp((A, 4000), (B, 9999), ACK), ETHERNET)
    for tags in ((0x8100,), (0x88A8, 0x8100)):
        assert not passes(frame(make_tcp((A, 4000), (B, 9999), ACK), tags=tags))
        assert passes(frame(make_tcp((A, 4000), (B, 9999), SYN), tags=tags))


@settings(max_examples=200)
@given(
    link=some.sampled_from(sorted(LINKS)),
    tags=some.lists(some.sampled_from((0x8100, 0x88A8, 0x9100)), max_size=4),
    six=some.booleans(),
    protocol=some.sampled_from((1, 4, 6, 17, 41, 44, 47, 50, 58, 60, 89)),
    flags=some.integers(0, 63),
    port=some.sampled_from((53, 80, 445, 9999)),
    data=some.sampled_from((b"", b"x", b"GET", b"GET /", b"SEARCH / HTTP", b"12345")),
)
def test_whatever_has_a_say_passes(
    link: int, tags: list[int], six: bool, protocol: int, flags: int, port: int, data: bytes
) -> None:
    ends = ((SIX, 40000), (SIX_B, port)) if six else ((A, 40000), (B, port))
    packet = make_tcp(*ends, flags, data=data) if protocol == 6 else make_udp(*ends, data)
    if protocol not in (6, 17):
        packet = make_ip(ends[0][0], ends[1][0], protocol, b"\0" * 40)
    framed = frame(packet, link, tags=tags if link != RAW else ())
    ether = Ether(PORTS)
    Frames(load_link_types().read[link], ether).take(framed, 1.0)
    ether.connections.finish()
    if ether.events or ether.counts.inside or ether.counts.fragments:
        assert passes(framed, link)
