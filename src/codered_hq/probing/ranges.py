"""The addresses of a sweep: ranges merged, numbered from 0, and gone through in a random order that is never kept."""

import random
import socket
from bisect import bisect_right
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_network
from socket import AF_INET, inet_ntoa  # by name: they are used for each address
from typing import NamedTuple

from codered.model.errors import WrongUse

_BLOCK_BITS = 8
BLOCK = 1 << _BLOCK_BITS
MOST_ADDRESSES = 1 << 24
_SIX = 1 << 128  # IPv6 numbers are kept above all of IPv4's
_Network = IPv4Network | IPv6Network


class Place(NamedTuple):
    """Where an address lies: its text, its family, its subnet (/24, /64), its block and its place in that."""

    text: str
    family: socket.AddressFamily
    subnet: int
    block: int
    position: int


class AddressSpace:
    """All addresses of some ranges, without the blocks that are done. Raises WrongUse for what is no range, and for
    more than 16,777,216 addresses.
    """

    def __init__(self, ranges: tuple[str, ...], done: tuple[str, ...] = ()) -> None:
        self._starts: list[int] = []
        self._offsets: list[int] = []
        self._blocks: list[int] = []
        self._sizes: list[int] = []
        self.total = blocks = 0
        for network in _merge(ranges):
            self._starts.append(_number(network))
            self._offsets.append(self.total)
            self._blocks.append(blocks)
            self._sizes.append(network.num_addresses)
            self.total += network.num_addresses
            blocks += -(-network.num_addresses // BLOCK)
            if self.total > MOST_ADDRESSES:
                advice = "sweep it in parts; of IPv6 name the addresses that are known"
                raise WrongUse(f"more than {MOST_ADDRESSES:,} addresses", where=str(network), advice=advice)
        self._done = frozenset(self._find_blocks(done))

    def walk(self, seed: int) -> Iterator[int]:
        """The index of each address that is not done, in an order that only the seed decides."""
        order = permute(self.total, seed)
        return (index for index in order if self.locate(index).block not in self._done) if self._done else order

    def remaining(self) -> int:
        """How many addresses the walk gives."""
        return self.total - sum(self.describe(block)[1] for block in self._done)

    def locate(self, index: int) -> Place:
        """The address with this index."""
        at = bisect_right(self._offsets, index) - 1
        within = index - self._offsets[at]
        number = self._starts[at] + within
        block, position = self._blocks[at] + (within >> _BLOCK_BITS), within & (BLOCK - 1)
        if number < _SIX:
            return Place(inet_ntoa(number.to_bytes(4, "big")), AF_INET, number >> 8, block, position)
        text = str(IPv6Address(number - _SIX))  # inet_ntop writes some of them otherwise
        return Place(text, socket.AF_INET6, number >> 64, block, position)

    def describe(self, block: int) -> tuple[str, int]:
        """The first address of a block and how many it has."""
        at = bisect_right(self._blocks, block) - 1
        before = (block - self._blocks[at]) * BLOCK
        first = self.locate(self._offsets[at] + before).text
        return first, min(BLOCK, self._sizes[at] - before)

    def _find_blocks(self, firsts: tuple[str, ...]) -> Iterator[int]:
        for text in firsts:
            number = _number(_read(text))
            at = bisect_right(self._starts, number) - 1
            within = number - self._starts[at] if at >= 0 else -1
            if 0 <= within < self._sizes[at] and within % BLOCK == 0:
                yield self._blocks[at] + within // BLOCK


class Ranges:
    """Ranges that an address may lie in. Raises WrongUse for what is no range."""

    def __init__(self, ranges: tuple[str, ...]) -> None:
        merged = _merge(ranges)
        self._starts = [_number(network) for network in merged]
        self._ends = [start + network.num_addresses for start, network in zip(self._starts, merged, strict=True)]

    def hold(self, place: Place) -> bool:
        """Whether the address lies in one of them."""
        raw = int.from_bytes(socket.inet_pton(place.family, place.text), "big")
        number = raw + (_SIX if place.family == socket.AF_INET6 else 0)
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number < self._ends[at]


def permute(size: int, seed: int) -> Iterator[int]:
    """0 to size - 1, each once, in an order that the seed decides: odd factors and shifts are reversible on a power of
    two, and what lies beyond the size is left out.
    """
    bits = max(2, (size - 1).bit_length())
    mask, shift = (1 << bits) - 1, (bits + 1) // 2
    chance = random.Random(seed)  # noqa: S311 (an order, no secret)
    first, second = chance.getrandbits(bits) | 1, chance.getrandbits(bits) | 1
    offset = chance.getrandbits(bits)
    for number in range(1 << bits):
        mixed = (number * first + offset) & mask
        mixed ^= mixed >> shift
        mixed = mixed * second & mask
        mixed ^= mixed >> shift
        if mixed < size:
            yield mixed


def _merge(ranges: tuple[str, ...]) -> list[_Network]:
    read = [_read(text) for text in ranges]
    four = collapse_addresses([one for one in read if isinstance(one, IPv4Network)])
    six = collapse_addresses([one for one in read if isinstance(one, IPv6Network)])
    return [*four, *six]


def _read(text: str) -> _Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise WrongUse(str(error), where="range", advice="write 192.0.2.0/24, 2001:db8::/120 or one address") from None
    if "%" in text:
        raise WrongUse(
            "an address with a zone", where=text, advice="sweep link-local addresses from a host on the link"
        )
    return network


def _number(network: _Network) -> int:
    return int(network.network_address) + (_SIX if network.version == 6 else 0)
