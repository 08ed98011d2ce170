from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.dumps import checking
from codered.collect.dumps.checking import OUTSIDE, check_parts
from codered.collect.dumps.layout import Lie, Omission, Part, Segment

SIZE = 1000
NUMBERS = st.integers(0, 2**65) | st.integers(0, 1100)


def check(*parts: Part, size: int = SIZE) -> list[Part]:
    return list(check_parts(iter(parts), size))


def test_what_fits_passes_and_the_rest_is_outside() -> None:
    first, second = Segment(1, 100, 0x1000, 200), Segment(2, 400, 0x9000, 600)
    assert check(first, Omission("x", 5), second) == [
        first, Omission("x", 5), second, Segment(OUTSIDE, 0, 0, 100), Segment(OUTSIDE, 300, 300, 100)
    ]  # fmt: skip
    assert check(Segment(1, 63, 0, SIZE - 63)) == [Segment(1, 63, 0, SIZE - 63)]


def test_what_is_beyond_the_end_is_told() -> None:
    assert check(Segment(1, 0, 0, SIZE + 5)) == [
        Lie("segment 1 claims 1005 bytes at byte 0 of the file, beyond its end", 5), Segment(1, 0, 0, SIZE)
    ]  # fmt: skip
    assert check(Segment(1, 0, 0, SIZE), Segment(7, 2**70, 0, 9))[1:] == [
        Lie(f"segment 7 claims 9 bytes at byte {2**70} of the file, beyond its end", 9)
    ]


def test_addresses_do_not_wrap() -> None:
    assert check(Segment(1, 0, 2**64 - 600, SIZE)) == [
        Lie("segment 1 claims addresses beyond 2^64", 400),
        Segment(1, 0, 2**64 - 600, 600),
        Segment(OUTSIDE, 600, 600, 400),
    ]


def test_the_same_memory_twice_is_read_once_and_nothing_is_wrong() -> None:
    assert check(Segment(1, 0, 0x5000, SIZE), Segment(2, 100, 0x5064, 200)) == [Segment(1, 0, 0x5000, SIZE)]


def test_the_same_bytes_at_two_addresses_are_told() -> None:
    assert check(Segment(1, 200, 0x5000, 300), Segment(2, 0, 0, SIZE)) == [
        Segment(1, 200, 0x5000, 300),
        Segment(2, 0, 0, 200),
        Segment(2, 500, 500, 500),
        Lie("segment 2 lies over others in the file, which have other addresses: 300 bytes are looked at once"),
    ]


def test_too_many_segments_and_overlaps_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_SEGMENTS", 3)
    made = (Segment(number, number, 0, 1) for number in range(1, 10**12))
    assert Lie("it claims more than 3 segments; the others are left out") in check_parts(made, SIZE)
    monkeypatch.setattr(checking, "MOST_SEGMENTS", 10**9)
    monkeypatch.setattr(checking, "MOST_OVERLAPS", 3)
    same: Iterable[Part] = (Segment(number, 0, 0, SIZE) for number in range(1, 10**12))
    last = "too many segments lie over one another: those after number 5 are left out"
    assert list(check_parts(iter(same), SIZE))[-1] == Lie(last)


@given(st.lists(st.builds(Segment, st.integers(1, 9), NUMBERS, NUMBERS, NUMBERS), max_size=12))
def test_every_byte_comes_once_whatever_is_claimed(claims: list[Segment]) -> None:
    seen = bytearray(SIZE)
    for part in check(*claims):
        if isinstance(part, Segment):
            assert part.size > 0
            assert 0 <= part.address <= part.address + part.size <= 2**64
            assert part.offset + part.size <= SIZE
            for at in range(part.offset, part.offset + part.size):
                seen[at] += 1
    assert max(seen) <= 1
    assert all(len(gap) < checking.LEAST_OUTSIDE for gap in bytes(seen).split(b"\x01"))
