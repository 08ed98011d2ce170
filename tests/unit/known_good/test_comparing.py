import stat

import pytest
from msgspec.structs import replace

from codered.known_good.comparing import compare_files, describe_file, describe_kind, describe_mode, describe_owner
from codered.model.known_good import FileRecord

FILE = FileRecord(stat.S_IFREG | 0o644, 0, 0, 10, b"\1" * 32, package="bash", mtime_ns=5)
CAPABILITY = ("security.capability", b"\1\0\0\2")


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        (replace(FILE), []),
        (replace(FILE, size=11, mtime_ns=6, package="dash"), []),
        (replace(FILE, digest=b"\2" * 32), ["content"]),
        (replace(FILE, mode=stat.S_IFREG | 0o4755), ["mode"]),
        (replace(FILE, uid=33), ["owner"]),
        (replace(FILE, gid=33), ["owner"]),
        (replace(FILE, xattrs=(CAPABILITY,)), ["capabilities"]),
        (replace(FILE, xattrs=(("system.posix_acl_access", b"x"),)), ["attributes"]),
        (replace(FILE, mode=stat.S_IFLNK | 0o777, link=b"x", digest=b""), ["type"]),
        (replace(FILE, digest=b"\2" * 32, mode=stat.S_IFREG | 0o755, uid=1), ["content", "mode", "owner"]),
    ],
)
def test_what_differs(changed: FileRecord, kinds: list[str]) -> None:
    assert [item.kind for item in compare_files(FILE, changed)] == kinds


def test_a_link_that_leads_elsewhere_and_a_capability_that_went() -> None:
    link = FileRecord(stat.S_IFLNK | 0o777, 0, 0, 3, link=b"a")
    found = compare_files(link, replace(link, link=b"\xff", mode=stat.S_IFLNK | 0o755))
    assert [(item.kind, item.expected, item.actual) for item in found] == [("link", "-> a", "-> \\xff")]
    (lost,) = compare_files(replace(FILE, xattrs=(CAPABILITY,)), FILE)
    assert (lost.kind, lost.actual) == ("capabilities", "security.capability none")


def test_words() -> None:
    assert describe_file(FILE) == "file of 10 bytes, mode 0644, owner 0:0"
    assert describe_kind(FileRecord(stat.S_IFIFO, 0, 0)) == "fifo"
    assert describe_kind(FileRecord(0, 0, 0)) == "something else"
    assert describe_mode(FileRecord(stat.S_IFREG | 0o4755, 0, 0)) == "mode 4755"
    assert describe_owner(replace(FILE, uid=33)) == "owner 33:0"
    (mode,) = compare_files(FILE, replace(FILE, mode=stat.S_IFREG | 0o755))
    assert (mode.expected, mode.actual) == ("0644", "0755")
