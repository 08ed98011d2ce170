import pytest

from codered.engine.hives.log_hash import hash_entry


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        # The head of an entry that Windows 10 wrote.
        (bytes.fromhex("48764c45003e0000000000001f01000000302b000300000079ec51cdcf8932ef"), 0xED656C4DA9275E35),
        (b"", 0xB39EFCA403966E08),
        (b"a", 0x21A013C726F292F4),
        (b"abcd", 0x20094FB11A6CD086),
        (bytes(range(256)), 0xE8F3685710A60B65),
    ],
)
def test_hashes_as_another_program_has_them(data: bytes, wanted: int) -> None:
    assert hash_entry(data) == wanted
