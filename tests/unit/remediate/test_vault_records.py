"""Records of the vault: what they are survives being written, also bytes that are no text."""

import msgspec

from codered.model.paths import FilePath
from codered.model.plan import FileState
from codered.remediate.attributes import Attributes, FolderBefore
from codered.remediate.ntfs_attributes import NtfsBefore, NtfsStream
from codered.remediate.vault_records import Record


def test_a_file_and_what_ntfs_keeps_come_back_as_they_were() -> None:
    record = Record(
        action="a01",
        path=FilePath(text="/x"),
        state=FileState(exists=True, sha256="0", size=1),
        attributes=Attributes(mode=0o644, uid=0, gid=0, mtime_ns=1, atime_ns=2),
        links=1,
        sparse=False,
        folder=FolderBefore(mtime_ns=3, atime_ns=4, names=""),
        windows=NtfsBefore(streams=(NtfsStream(name=b"\xed\xa0\x80", size=1, sha256="0"),), acl=b"\1", attributes=7),
    )
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record
