"""Who owns a file of Windows and who may change it, read from its security descriptor in the self-relative form."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

READ = 0x80000000 | 0x10000000 | 0x1
"""Reading its content, or all rights."""
EXCHANGE = 0x10000000 | 0x40000000 | 0x80000 | 0x40000 | 0x10000 | 0x40
"""Taking a file away, or what is in a folder, or giving oneself that right. New names in a folder are none of it."""
CHANGE = EXCHANGE | 0x100 | 0x10 | 0x4 | 0x2
"""That, and writing into a file, adding to it, new names in a folder, its attributes."""

SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
"""TrustedInstaller, who owns what Windows came with."""
OWNER_RIGHTS = "S-1-3-4"

_TRUSTED = frozenset((SYSTEM, ADMINISTRATORS, INSTALLER))
_HAS_LIST = 0x4
_INHERIT_ONLY = 0x8
_DENIED = frozenset((1, 6, 10, 12))
_WITH_TYPES = frozenset((5, 11))  # what they are for may stand before the name
_EVERYBODY = "S-1-1-0"
_ALL = 0xFFFFFFFF
_MOST_PARTS = 15


class Grant(NamedTuple):
    """What somebody may do: `mask` as Windows has it."""

    who: str
    mask: int


class Security(NamedTuple):
    """The owner's SID, and all that anybody is allowed on the file itself; denials don't count."""

    owner: str
    grants: tuple[Grant, ...]

    def is_owned(self, user: str) -> bool:
        """Whether it belongs to this user, the administrators or the system."""
        return self.owner in _TRUSTED | {user}

    def lets_others(self, mask: int, user: str) -> bool:
        """Whether anybody but these has one of the rights."""
        trusted = _TRUSTED | {user, OWNER_RIGHTS}
        return any(grant.mask & mask and grant.who not in trusted for grant in self.grants)


def parse_security(raw: bytes) -> Security:
    """Raises ValueError for what is no descriptor. One without an access list allows everybody everything."""
    try:
        revision, _, control, owner, _, _, entries = struct.unpack_from("<BBHIIII", raw)
        if revision != 1:
            raise ValueError("a security descriptor of an unknown revision")
        if not control & _HAS_LIST or not entries:
            return Security(_parse_sid(raw, owner), (Grant(_EVERYBODY, _ALL),))
        return Security(_parse_sid(raw, owner), tuple(_parse_list(raw, entries)))
    except struct.error:
        raise ValueError("a security descriptor that is cut off") from None


def parse_sid(raw: bytes) -> str:
    """S-1-5-18 for the bytes of it. Raises ValueError."""
    try:
        return _parse_sid(raw, 0)
    except struct.error:
        raise ValueError("a SID that is cut off") from None


def _parse_sid(raw: bytes, at: int) -> str:
    revision, count, high, low = struct.unpack_from(">BBHI", raw, at)
    if revision != 1 or count > _MOST_PARTS:
        raise ValueError("no SID")
    parts = struct.unpack_from(f"<{count}I", raw, at + 8)
    return "-".join(("S", "1", str(high << 32 | low), *map(str, parts)))


def _parse_list(raw: bytes, at: int) -> Iterator[Grant]:
    count = struct.unpack_from("<H", raw, at + 4)[0]
    at += 8
    for _ in range(count):
        kind, flags, size, mask = struct.unpack_from("<BBHI", raw, at)
        if size < 16:
            raise ValueError("an entry of an access list that is too short")
        if kind not in _DENIED and not flags & _INHERIT_ONLY:
            yield Grant(_parse_sid(raw, at + 8 + (_skip_types(raw, at) if kind in _WITH_TYPES else 0)), mask)
        at += size


def _skip_types(raw: bytes, at: int) -> int:
    given: int = struct.unpack_from("<I", raw, at + 8)[0]
    return 4 + 16 * (given & 1) + 16 * (given >> 1 & 1)
