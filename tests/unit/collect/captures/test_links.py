import pytest

from codered.collect.captures.links import ARP, IPV4, IPV6, find_packet, load_link_types
from tests.fixtures.capture_files import COOKED, COOKED2, ETHERNET, LOOP, RAW, frame, make_arp, make_udp

FOUR = make_udp(("192.0.2.1", 1), ("192.0.2.2", 2))
SIX = make_udp(("2001:db8::1", 1), ("2001:db8::2", 2))


@pytest.mark.parametrize("link", [ETHERNET, COOKED, COOKED2, RAW, LOOP])
def test_the_packet_is_found(link: int) -> None:
    for packet, kind in ((FOUR, IPV4), (SIX, IPV6)):
        data = frame(packet, link)
        carries, at = find_packet(data, load_link_types().read[link])
        assert (carries, data[at:]) == (kind, packet)


@pytest.mark.parametrize("link", [ETHERNET, COOKED, COOKED2])
@pytest.mark.parametrize("tags", [(0x8100,), (0x88A8, 0x8100), (0x8100,) * 4])
def test_behind_tags(link: int, tags: tuple[int, ...]) -> None:
    for packet, kind in ((SIX, IPV6), (make_arp("192.0.2.1", "192.0.2.2"), ARP)):
        data = frame(packet, link, tags=tags)
        carries, at = find_packet(data, load_link_types().read[link])
        assert (carries, data[at:]) == (kind, packet)


def test_tags_without_end_and_cut_frames() -> None:
    ethernet = load_link_types().read[ETHERNET]
    assert find_packet(frame(FOUR, tags=(0x8100,) * 9), ethernet).carries == b"\x81\x00"
    for size in range(14):
        assert find_packet(frame(FOUR)[:size], ethernet).carries in (b"", b"\x08")
    assert find_packet(b"", load_link_types().read[RAW]).carries == b""


def test_tables() -> None:
    types = load_link_types()
    assert types.names()[1] == "Ethernet"
    assert types.names()[105] == "IEEE 802.11"
    assert not set(types.read) & set(types.not_read)
    assert types.hidden_types()[b"\x88\x47"] == "MPLS"
