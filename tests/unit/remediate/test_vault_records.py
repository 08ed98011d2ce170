"""Records of the vault: what they are survives being written, also bytes that are no text."""

import msgspec

from codered.model.paths import FilePath
from codered.remediate.attributes import Attributes
from codered.remediate.ntfs_attributes import NtfsBefore, NtfsStream
from codered.remediate.pages import PageChange
from codered.remediate.vault_records import PagesRecord


def test_pages_and_what_ntfs_keeps_come_back_as_they_were() -> None:
    record = PagesRecord(
        action="a01",
        path=FilePath(text="/x"),
        pages=(PageChange(4096, b"\0\xff", b""),),
        attributes=Attributes(mode=0o644, uid=0, gid=0, mtime_ns=1, atime_ns=2),
        windows=NtfsBefore(streams=(NtfsStream(name=b"\xed\xa0\x80", size=1, sha256="0"),), acl=b"\1", attributes=7),
    )
    assert msgspec.json.decode(msgspec.json.encode(record), type=PagesRecord) == record
