import hashlib
import os
import stat
from pathlib import Path

import pytest

from codered.collect import file_comparing
from codered.collect.file_comparing import CHANGING, ODD_NAME, TOO_LARGE, FileComparer
from codered.collect.recorded_files import Recorded
from codered.collect.recorded_places import RecordedPlaces
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def make_comparer(root: Path) -> FileComparer:
    target = open_target(str(root))
    return FileComparer(target, RecordedPlaces(target))


def compare(root: Path, *items: Recorded) -> FileComparer:
    comparer = make_comparer(root)
    comparer.compare_folder(list(items))
    return comparer


def test_a_file_larger_than_the_buffer_is_hashed_whole(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    data = os.urandom(file_comparing.BUFFER * 2 + 77)
    (root / "usr/x").write_bytes(data)
    same = compare(root, Recorded(b"usr/x", "app", md5(data)))
    assert (same.deviations, same.files, same.bytes) == ([], 1, len(data))
    (root / "usr/x").write_bytes(data[:-1] + b"?")
    assert [item.kind for item in compare(root, Recorded(b"usr/x", "app", md5(data))).deviations] == ["content"]


def test_what_may_be_missing_is_still_to_be_the_same(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    item = Recorded(b"usr/x", "app", md5(b"x"), may_miss=True)
    assert compare(root, item).deviations == []
    write(root, {"usr/x": "other"})
    assert [one.kind for one in compare(root, item).deviations] == ["content"]


def test_an_empty_file_is_compared(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"usr/x": ""})
    assert compare(root, Recorded(b"usr/x", "app", md5(b""))).deviations == []
    assert len(compare(root, Recorded(b"usr/x", "app", md5(b"a"))).deviations) == 1


def test_mode_and_owner_where_they_are_on_record(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"usr/x": "x"})
    digest = hashlib.sha256(b"x").hexdigest()
    item = Recorded(b"usr/x", "app", digest, "sha256", mode=stat.S_IFREG | 0o755, uid=os.getuid() + 1, gid=os.getgid())
    found = compare(root, item).deviations
    assert [(one.kind, one.expected, one.actual) for one in found] == [
        ("mode", "0755", "0644"),
        ("owner", f"{os.getuid() + 1}:{os.getgid()}", f"{os.getuid()}:{os.getgid()}"),
    ]


def test_what_changes_while_it_is_read_is_no_deviation_but_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_root(tmp_path)
    write(root, {"usr/x": "changed"})
    real = os.pread

    def change_meanwhile(descriptor: int, size: int, offset: int) -> bytes:
        (root / "usr/x").write_bytes(b"and once more")
        return real(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", change_meanwhile)
    comparer = compare(root, Recorded(b"usr/x", "app", md5(b"x")))
    assert comparer.deviations == []
    assert [item.why for item in comparer.unread] == [CHANGING]


def test_a_file_of_terabytes_that_are_not_there_costs_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    with (root / "usr/x").open("wb") as file:
        file.truncate(1 << 40)
    comparer = compare(root, Recorded(b"usr/x", "app", md5(b"x")))
    assert comparer.bytes == 0
    assert [item.why for item in comparer.unread] == [TOO_LARGE]


def test_odd_names_are_told_not_opened(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    comparer = compare(root, *(Recorded(b"usr/" + name, "app", md5(b"x")) for name in (b"", b"..", b".", b"a\0b")))
    assert {item.why for item in comparer.unread} == {ODD_NAME}
    assert comparer.deviations == []


def test_missing_configuration_is_the_administrators(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    gone = [
        Recorded(b"etc/a", "app", md5(b"x"), config=True),
        Recorded(b"etc/b", "app", md5(b"x")),
        Recorded(b"etc/c", "app"),
    ]
    found = compare(root, *gone).deviations
    assert [(item.kind, item.path.text.rpartition("/")[2] if item.path else "", item.expected) for item in found] == [
        ("missing", "b", f"MD5 {md5(b'x')}"),
        ("missing", "c", "on record"),
    ]


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_gap(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"usr/x": "x"}, mode=0)
    assert [item.state for item in compare(root, Recorded(b"usr/x", "app", md5(b"x"))).unread] == ["failed"]
