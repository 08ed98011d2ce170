from datetime import UTC, datetime

from msgspec.msgpack import encode

from codered.collect.file_states import pack_numbers
from codered.known_good.looking_up import find_record
from codered.model.known_good import Baseline, FileRecord, FolderRecord

RECORD = FileRecord(0o100644, 1, 2, 3, b"d", sha256=b"s")


def test_a_file_is_found_with_its_time() -> None:
    folder = FolderRecord(b"etc/x", b"a/b", pack_numbers([0, 1, 3, 77, 5, 0, 2, 3, 88, 5]), encode([RECORD, RECORD]))
    top = FolderRecord(b"", b"etc", pack_numbers([0, 1, 3, 4, 5]), encode([RECORD]))
    made = datetime(2026, 1, 1, tzinfo=UTC)
    baseline = Baseline(
        id="i", tool="t", created=made, host="", root="/", system="linux", places=(), folders=(top, folder)
    )
    found = find_record(baseline, b"etc/x/b")
    assert found is not None
    assert (found.mtime_ns, found.sha256) == (88, b"s")
    assert find_record(baseline, b"etc") is not None
    assert find_record(baseline, b"etc/x/c") is None
    assert find_record(baseline, b"usr/x/b") is None
