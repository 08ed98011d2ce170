import os
from pathlib import Path

from codered.collect.autostart.reading import Reader
from codered.collect.file_states import Start, walk_states
from codered.collect.packages import PackageDatabase
from codered.known_good.mattering import Surroundings
from codered.model.known_good import FolderRecord
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


def test_only_what_changed_by_its_numbers_is_read(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a", "b", "sub/c"):
        (tmp_path / name).write_text(name)
    listed = list(walk_states(open_target(str(tmp_path)), (Start(b""),), lambda rel: ""))
    full = tuple(
        FolderRecord(now.rel, seen.names, seen.numbers, now.files)
        for seen, now in zip(listed, _record(tmp_path), strict=True)
        if isinstance(seen, FolderRecord)
    )
    assert _check(tmp_path, full).read == 0
    (tmp_path / "a").write_text("other")
    done = _check(tmp_path, full)
    assert (done.read, done.entries) == (1, 4)
    assert [(item.kind, item.size, len(item.sha256)) for item in done.deviations] == [("content", 5, 64)]
    everything = Manner(around=Surroundings(plain=True), full=True)
    assert _check(tmp_path, full, everything).read == 4


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
