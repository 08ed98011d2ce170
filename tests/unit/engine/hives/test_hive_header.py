import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.engine.hives.hive_header import NotAHive, compute_checksum, read_header, seal_header
from tests.fixtures.hive_files import key_of, read_real, write_hive

HIVE = write_hive(key_of({"A": {}}), "\\??\\C:\\Users\\x\\NTUSER.DAT", 3, (8, 7))


def test_real_and_made_headers() -> None:
    real = read_header(read_real("SYSTEM-win7"))
    assert (real.is_dirty, real.is_log, real.major, real.root, real.name) == (
        False, False, 1, 32, "system")  # fmt: skip
    assert real.bins + 4096 <= len(read_real("SYSTEM-win7"))
    made = read_header(HIVE[:512])
    assert (made.primary, made.secondary, made.minor, made.is_sealed, made.is_dirty) == (8, 7, 3, True, True)
    assert made.name == "\\??\\c:\\users\\x\\ntuser.dat"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (HIVE[:511], "cut short"),
        (b"MZ" + HIVE[2:], "does not start"),
        (HIVE[:20] + b"\x02" + HIVE[21:], "version 2.3"),
        (HIVE[:24] + b"\x01" + HIVE[25:], "version 1.1"),
    ],
)
def test_what_is_no_hive(data: bytes, why: str) -> None:
    with pytest.raises(NotAHive, match=why):
        read_header(data)


def test_a_byte_that_was_changed_breaks_the_seal() -> None:
    header = read_header(HIVE[:60] + b"!" + HIVE[61:])
    assert (header.is_sealed, header.is_dirty) == (False, True)


def test_sealing() -> None:
    clean = read_header(seal_header(HIVE, 12, 8192))
    assert (clean.primary, clean.secondary, clean.bins, clean.is_dirty, clean.kind) == (12, 12, 8192, False, 0)
    assert clean.root == read_header(HIVE).root
    assert compute_checksum(bytes(512)) == 1
    assert compute_checksum(b"\xff" * 4 + bytes(508)) == 0xFFFFFFFE


@given(st.binary(min_size=508, max_size=600), st.integers(2, 6))
def test_any_bytes(data: bytes, minor: int) -> None:
    raw = b"regf" + data[:16] + b"\1\0\0\0" + bytes((minor, 0, 0, 0)) + data[24:]
    header = read_header(raw)
    sealed = read_header(seal_header(raw, header.primary, header.bins))
    assert (sealed.is_dirty, sealed.is_log, sealed.root, sealed.name) == (False, False, header.root, header.name)
