"""Marvin32 with the seed of the registry: the hash by which a log entry shows that it was written whole."""

import struct

_LOW, _HIGH = 0x7A4E55C5, 0x82EF4D88
_WORD = 0xFFFFFFFF


def hash_entry(data: bytes) -> int:
    """The 64-bit hash of some bytes."""
    low, high = _LOW, _HIGH
    cut = len(data) & ~3
    tail = int.from_bytes(data[cut:] + b"\x80", "little")
    for (word,) in struct.iter_unpack("<I", data[:cut] + struct.pack("<II", tail, 0)):
        low = (low + word) & _WORD
        high ^= low
        low = ((low << 20 | low >> 12) + high) & _WORD
        high = ((high << 9 | high >> 23) & _WORD) ^ low
        low = ((low << 27 | low >> 5) + high) & _WORD
        high = (high << 19 | high >> 13) & _WORD
    return high << 32 | low
