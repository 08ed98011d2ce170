import msgspec
import pytest

from codered.collect.file_states import pack_numbers
from codered.model.known_good import NUMBERS, EntryState, FileRecord, FolderRecord

RECORDS = [FileRecord(0o100644, 0, 0, 1, b"d" * 32), FileRecord(0o120777, 1, 2, link=b"x", package="bash")]
FOLDER = FolderRecord(b"etc", b"a/\n\xff", pack_numbers(list(range(10))), msgspec.msgpack.encode(RECORDS))


def test_a_folder_is_taken_apart_by_names() -> None:
    assert FOLDER.states() == {b"a": EntryState(0, 1, 2, 3, 4), b"\n\xff": EntryState(5, 6, 7, 8, 9)}
    assert FOLDER.records() == {b"a": RECORDS[0], b"\n\xff": RECORDS[1]}
    empty = FolderRecord(b"", b"", b"")
    assert (empty.states(), empty.records(), NUMBERS) == ({}, {}, 5)


@pytest.mark.parametrize("numbers", [b"", bytes(40), bytes(81), bytes(120)])
def test_numbers_that_are_not_those_of_the_names_are_an_error(numbers: bytes) -> None:
    with pytest.raises(ValueError):
        msgspec.structs.replace(FOLDER, numbers=numbers).states()


@pytest.mark.parametrize("files", [b"", b"\xc1", msgspec.msgpack.encode(RECORDS[:1]), msgspec.msgpack.encode([1, 2])])
def test_records_that_are_not_those_of_the_names_are_an_error(files: bytes) -> None:
    with pytest.raises(ValueError):
        msgspec.structs.replace(FOLDER, files=files).records()
