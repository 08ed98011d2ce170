from hypothesis import given
from hypothesis import strategies as st

from codered.targets.images.table_entries import count_entries, read_entries


@given(st.binary(max_size=600), st.sampled_from([b"", b"EFI PART"]))
def test_any_first_sectors_give_entries_on_the_disk(data: bytes, magic: bytes) -> None:
    class Bytes:
        size = 8192

        def read(self, offset: int, size: int) -> bytes:
            return (data[:510].ljust(510, b"\0") + b"\x55\xaa" + magic + data).ljust(8192, b"\1")[
                offset : offset + size
            ]

        def close(self) -> None: ...

    disk = Bytes()
    assert 0 <= count_entries(disk) <= 4
    for table in ("MBR", "GPT"):
        assert all(0 < each.start < 8192 for each in read_entries(disk, table))
