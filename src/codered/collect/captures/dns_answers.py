"""Answers of name servers: the addresses they give. Names are passed over, never followed or put together."""

import struct

_MOST_RECORDS = 128
_MOST_LABELS = 128
_SIZES = {1: 4, 28: 16}  # A and AAAA


def read_addresses(message: bytes) -> list[bytes]:
    """The packed addresses in a DNS answer; [] for a question, an error, or what is no DNS. A damaged or cut message
    gives those before the damage.
    """
    if len(message) < 12:
        return []
    _, flags, questions, answers = struct.unpack_from(">4H", message)
    if not flags & 0x8000 or flags & 0x780F or not answers:  # an answer to a plain question, without error
        return []
    at = 12
    for _ in range(min(questions, _MOST_RECORDS)):
        at = _pass_name(message, at) + 4
    found = []
    for _ in range(min(answers, _MOST_RECORDS)):
        at = _pass_name(message, at)
        if at + 10 > len(message):
            break
        kind, group, _, size = struct.unpack_from(">HHIH", message, at)
        at += 10
        if at + size > len(message):
            break
        if group == 1 and _SIZES.get(kind) == size:
            found.append(message[at : at + size])
        at += size
    return found


def _pass_name(message: bytes, at: int) -> int:
    """Where the name that begins here ends; behind the message if it does not."""
    for _ in range(_MOST_LABELS):
        if at >= len(message):
            break
        size = message[at]
        if size >= 0xC0:
            return at + 2
        at += 1 + size
        if not size:
            return at
    return len(message) + 1
