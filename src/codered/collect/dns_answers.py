"""Addresses in the answer of a name server, for captures and the live sensor. Its bytes are hostile: every length is
checked, names are passed over and never followed.
"""

import struct

MOST_RECORDS = 64
_HEAD = struct.Struct(">HHHHHH")
_RECORD = struct.Struct(">HHIH")
_MOST_LABELS = 128
_SIZES = {1: 4, 28: 16}  # A, AAAA


def parse_addresses(data: bytes) -> tuple[bytes, ...]:
    """The packed addresses that an answer without error gives, each once, of its first MOST_RECORDS records."""
    if len(data) < _HEAD.size:
        return ()
    _, flags, questions, *rest = _HEAD.unpack_from(data)
    if not flags & 0x8000 or flags & 0x780F or questions > 4:
        return ()
    at: int | None = _HEAD.size
    for _ in range(questions):
        at = _skip_name(data, at) if at is not None else None
        at = at + 4 if at is not None else None
    found: dict[bytes, None] = {}
    for _ in range(min(sum(rest), MOST_RECORDS)):
        at = _skip_name(data, at) if at is not None else None
        if at is None or at + _RECORD.size > len(data):
            break
        kind, network, _, size = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if at + size > len(data):
            break
        if network == 1 and _SIZES.get(kind) == size:
            found[data[at : at + size]] = None
        at += size
    return tuple(found)


def _skip_name(data: bytes, at: int) -> int | None:
    """Where the name that begins here ends; None if it does not end."""
    for _ in range(_MOST_LABELS):
        if at >= len(data):
            return None
        size = data[at]
        if size >= 0xC0:
            return at + 2
        if size > 63:
            return None
        at += size + 1
        if not size:
            return at
    return None
