import os
import tempfile
from array import array
from pathlib import Path

import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.file_states import FolderSeen, Only, Start, list_states, walk_states
from codered.collect.packages import PackageDatabase
from codered.known_good.mattering import Surroundings
from codered.model.known_good import FolderRecord
from codered.scan import rechecking
from codered.scan.rechecking import Manner, Rechecked, Rechecker
from codered.scan.recording import Recorder
from codered.targets import open_target

PLAIN = Manner(around=Surroundings(plain=True))


def _record(root: Path) -> tuple[FolderRecord, ...]:
    target = open_target(str(root))
    listed = [item for item in walk_states(target, (Start(b""),), lambda rel: "") if isinstance(item, FolderRecord)]
    return tuple(Recorder(target).record(listed).folders)


def _check(root: Path, before: tuple[FolderRecord, ...], manner: Manner = PLAIN) -> Rechecked:
    target = open_target(str(root))
    return Rechecker(target, manner, PackageDatabase(Reader(target))).check(before)


def _make_tree(root: Path) -> tuple[FolderRecord, ...]:
    """Three files, with records that name also the times of what was just made."""
    (root / "sub").mkdir()
    for name in ("a", "b", "sub/c"):
        (root / name).write_text(name)
    listed = list(walk_states(open_target(str(root)), (Start(b""),), lambda rel: ""))
    return tuple(
        FolderRecord(now.rel, seen.names, seen.numbers, now.files)
        for seen, now in zip(listed, _record(root), strict=True)
        if isinstance(seen, FolderRecord)
    )


def test_only_what_changed_by_its_numbers_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecking, "distrust_open", lambda descriptor: "")  # wherever the test's folder lies
    full = _make_tree(tmp_path)
    assert _check(tmp_path, full).read == 0
    (tmp_path / "a").write_text("other")
    done = _check(tmp_path, full)
    assert (done.read, done.entries) == (1, 4)
    assert [(item.kind, item.size, len(item.sha256)) for item in done.deviations] == [("content", 5, 64)]
    everything = Manner(around=Surroundings(plain=True), full=True)
    assert _check(tmp_path, full, everything).read == 4


def test_where_times_may_lie_everything_is_read_and_that_is_said() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        done = _check(Path(folder), _make_tree(Path(folder)))
    assert done.read == 4
    ((why, where),) = done.doubted.items()
    assert (why.split()[0], where) == ("tmpfs:", b"")


def test_what_is_mounted_over_one_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecking, "distrust_open", lambda descriptor: "")
    full = []
    for folder in _make_tree(tmp_path):
        numbers = array("q", folder.numbers)
        if folder.rel:
            numbers[0] = 5
        full.append(FolderRecord(folder.rel, folder.names, numbers.tobytes(), folder.files))

    def list_mounted(directory: int, rel: bytes, only: Only = "") -> FolderSeen:
        seen = list_states(directory, rel, only)
        return seen._replace(record=next(folder for folder in full if folder.rel == rel))

    monkeypatch.setattr(rechecking, "list_states", list_mounted)
    assert _check(tmp_path, tuple(full)).read == 1


def test_the_owner_may_be_left_aside_and_the_truth_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    before = _record(tmp_path)

    os.chown(tmp_path / "a", 7, 7)
    (found,) = _check(tmp_path, before).deviations
    assert (found.kind, found.expected, found.actual) == ("owner", "owner 0:0", "owner 7:7")
    manner = Manner(around=Surroundings(plain=True), owners=False, truth="folder")
    assert _check(tmp_path, before, manner).deviations == []
    (tmp_path / "a").unlink()
    assert [item.truth for item in _check(tmp_path, before, manner).deviations] == ["folder"]


def test_what_a_baseline_names_outside_of_the_root_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "secret").write_text("x")
    folders = (FolderRecord(b"", b"", b""), FolderRecord(b"..", b"", b""), FolderRecord(b"a/../..", b"", b""))
    done = _check(tmp_path / "root", folders)
    assert done.deviations == []
    assert {item.rel for item in done.unread} == {b"..", b"a/../.."}


def test_changes_that_say_nothing_are_counted_by_their_reason(tmp_path: Path) -> None:
    before = _record(tmp_path)
    (tmp_path / "x.swp").write_text("x")
    done = _check(tmp_path, before)
    assert (done.deviations, done.passed) == ([], {"a person's own traces": 1})
