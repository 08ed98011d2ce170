import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.system.access_lists import (
    ADMINISTRATORS,
    CHANGE,
    EXCHANGE,
    INSTALLER,
    OWNER_RIGHTS,
    READ,
    SYSTEM,
    Grant,
    Security,
    parse_security,
    parse_sid,
)

US, MALLORY, EVERYBODY = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-1-0"
ALL, WRITE, LOOK = 0x1F01FF, 0x120116, 0x120089


def sid(text: str) -> bytes:
    parts = [int(each) for each in text.split("-")[2:]]
    return struct.pack(">BBHI", 1, len(parts) - 1, 0, parts[0]) + struct.pack(f"<{len(parts) - 1}I", *parts[1:])


def entry(who: str, mask: int, kind: int = 0, flags: int = 0, types: bytes = b"") -> bytes:
    body = struct.pack("<I", mask) + types + sid(who)
    return struct.pack("<BBH", kind, flags, 4 + len(body)) + body


def descriptor(owner: str, *entries: bytes, control: int = 0x8004) -> bytes:
    """In the self-relative form: owner, then the access list."""
    whose, body = sid(owner), b"".join(entries)
    made = struct.pack("<BBHHH", 2, 0, 8 + len(body), len(entries), 0) + body
    return struct.pack("<BBHIIII", 1, 0, control, 20, 0, 0, 20 + len(whose)) + whose + made


@pytest.mark.parametrize("owner", [SYSTEM, ADMINISTRATORS, INSTALLER, US])
def test_what_is_ours(owner: str) -> None:
    ours = (entry(who, ALL, flags=3) for who in (SYSTEM, ADMINISTRATORS, OWNER_RIGHTS, US))
    seen = parse_security(descriptor(owner, *ours, entry(EVERYBODY, ALL, kind=1), entry(EVERYBODY, ALL, flags=0x0B)))
    assert (seen.owner, len(seen.grants), seen.is_owned(US)) == (owner, 4, True)
    assert not seen.lets_others(EXCHANGE | CHANGE | READ, US)


def test_what_is_anothers() -> None:
    seen = parse_security(descriptor(MALLORY))
    assert seen == Security(MALLORY, ())
    assert not seen.is_owned(US)


@pytest.mark.parametrize(
    ("mask", "may"),
    [
        (ALL, (True, True, True)), (WRITE, (False, True, False)), (LOOK, (False, False, True)),
        (0x40000, (True, True, False)), (0x80000, (True, True, False)), (0x40, (True, True, False)),
        (0x10000000, (True, True, True)), (0x40000000, (True, True, False)), (0x4, (False, True, False)),
        (0x1200A0, (False, False, False)),
    ],
)  # fmt: skip
def test_what_others_may(mask: int, may: tuple[bool, bool, bool]) -> None:
    object_types = struct.pack("<I", 3) + bytes(32)
    for granted in (
        entry(EVERYBODY, mask), entry(MALLORY, mask, kind=9), entry(MALLORY, mask, kind=5, types=object_types),
        entry(MALLORY, mask, kind=200),
    ):  # fmt: skip
        seen = parse_security(descriptor(ADMINISTRATORS, entry(SYSTEM, ALL), granted))
        assert seen.grants[0] == Grant(SYSTEM, ALL)
        assert tuple(seen.lets_others(wanted, US) for wanted in (EXCHANGE, CHANGE, READ)) == may


def test_without_a_list_everybody_may_everything_and_with_an_empty_one_nobody() -> None:
    assert parse_security(descriptor(US, control=0x8000)).lets_others(EXCHANGE, US)
    no_list = struct.pack("<BBHIIII", 1, 0, 0x8004, 20, 0, 0, 0) + sid(US)
    assert parse_security(no_list).lets_others(EXCHANGE, US)
    assert not parse_security(descriptor(US)).lets_others(READ, US)


def test_names_of_users() -> None:
    assert [parse_sid(sid(each)) for each in (EVERYBODY, INSTALLER)] == [EVERYBODY, INSTALLER]
    for broken in (b"", b"\x01\x05\0\0", b"\x02\x01" + bytes(10), b"\x01\xff" + bytes(2000)):
        with pytest.raises(ValueError, match="SID"):
            parse_sid(broken)


def test_what_is_broken_is_said() -> None:
    whole = descriptor(US, entry(US, ALL))
    for broken in (b"", whole[:-1], b"\x02" + whole[1:], descriptor(US, struct.pack("<BBHI", 0, 0, 8, 0))):
        with pytest.raises(ValueError, match=r"descriptor|access list|SID"):
            parse_security(broken)


@given(st.binary(max_size=200), st.integers(0, 120))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    whole = descriptor(US, entry(SYSTEM, ALL), entry(US, ALL))
    for raw in (noise, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            seen = parse_security(raw)
        except ValueError:
            continue
        assert seen.owner.startswith("S-1-")
