import os
from pathlib import Path

from codered.collect.file_states import Start, walk_states
from codered.collect.walking import Unwalked
from codered.known_good.contents import ContentStore
from codered.model.known_good import EntryState, FolderRecord
from codered.scan.recording import Recorder, forget_recent
from codered.targets import open_target


def _list(root: Path) -> list[FolderRecord]:
    found = walk_states(open_target(str(root)), (Start(b""),), lambda rel: "")
    return [item for item in found if isinstance(item, FolderRecord)]


def test_what_changed_a_moment_ago_will_be_read_again(tmp_path: Path) -> None:
    assert forget_recent(EntryState(0, 1, 2, 3, 100), 99).ctime_ns == 0
    assert forget_recent(EntryState(0, 1, 2, 3, 100), 100).ctime_ns == 100
    (tmp_path / "a").write_text("x")
    (folder,) = Recorder(open_target(str(tmp_path))).record(_list(tmp_path)).folders
    assert folder.states()[b"a"].ctime_ns == 0


def test_names_links_and_devices_are_recorded_and_what_went_is_said(tmp_path: Path) -> None:
    names = [b"new\nline", b"\xff", b"gone"]
    for name in names:
        os.mknod(os.fsencode(tmp_path) + b"/" + name)
    os.link(tmp_path / "gone", tmp_path / "second")
    os.mkfifo(tmp_path / "fifo")
    listed = _list(tmp_path)
    (tmp_path / "gone").unlink()
    done = Recorder(open_target(str(tmp_path))).record(listed)
    assert done.folders[0].records().keys() == {b"new\nline", b"\xff", b"second", b"fifo"}
    assert [(item.rel, item.state) for item in done.unread] == [(b"gone", "failed")]
    assert done.files == 4
    lost = Recorder(open_target(str(tmp_path))).record([FolderRecord(b"no/such", b"", b"")])
    assert isinstance(lost.unread[0], Unwalked)


def test_a_store_without_room_or_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/a").write_text("content")
    target, listed = open_target(str(tmp_path / "root")), _list(tmp_path / "root")
    full = Recorder(target, store=ContentStore(tmp_path / "store", most=3)).record(listed)
    assert (full.kept, full.no_room) == (0, 1)
    (tmp_path / "file").write_text("x")
    broken = Recorder(target, store=ContentStore(tmp_path / "file")).record(listed)
    assert "can't be written" in broken.trouble
    kept = Recorder(target, store=ContentStore(tmp_path / "store")).record(listed)
    assert kept.kept == 1
