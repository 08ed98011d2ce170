"""Link types: where the IP header of a frame begins."""

from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

VLAN_TAGS = frozenset((b"\x81\x00", b"\x88\xa8", b"\x91\x00"))
IPV4, IPV6, ARP = b"\x08\x00", b"\x86\xdd", b"\x08\x06"
_MOST_TAGS = 4


class Link(msgspec.Struct, frozen=True):
    """A link layer: `header` bytes lie before the packet; `type_at` is where the ethertype stands, None = there is
    none and the version in the packet tells. `libpcap`: whether its filters see the packets of such frames as we do.
    """

    name: str
    header: int
    type_at: int | None = None
    libpcap: bool = True


class LinkTypes(msgspec.Struct, frozen=True):
    """The table in link_types.json: link types that are read, names of others, and what hides packets inside."""

    read: dict[int, Link]
    not_read: dict[int, str]
    inside: dict[str, str]
    inside_ip: dict[int, str]

    def names(self) -> dict[int, str]:
        """The name of every link type known."""
        return self.not_read | {number: link.name for number, link in self.read.items()}

    def hidden_types(self) -> dict[bytes, str]:
        """What an ethertype hides packets in."""
        return {bytes.fromhex(number): what for number, what in self.inside.items()}


class Place(NamedTuple):
    """What a frame carries (an ethertype, b"" = nothing that can be told) and where it begins."""

    carries: bytes
    at: int


@cache
def load_link_types() -> LinkTypes:
    """The table of link types."""
    text = resources.files("codered.collect.captures").joinpath("link_types.json").read_bytes()
    return msgspec.json.decode(text, type=LinkTypes)


def find_packet(frame: bytes, link: Link) -> Place:
    """Where the packet in this frame begins, behind at most four VLAN tags."""
    at = link.header
    if link.type_at is None:
        version = frame[at] >> 4 if len(frame) > at else 0
        return Place({4: IPV4, 6: IPV6}.get(version, b""), at)
    carries = frame[link.type_at : link.type_at + 2]
    for _ in range(_MOST_TAGS):
        if carries not in VLAN_TAGS:
            break
        carries = frame[at + 2 : at + 4]
        at += 4
    return Place(carries, at)
