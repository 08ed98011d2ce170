import os
import socket
import stat
from pathlib import Path

import pytest

from codered.collect import walking
from codered.collect.walking import REMOTE, Folder, Stamp, Unwalked, stamp_of, walk
from codered.model.target import TargetInfo
from codered.targets.rooted import RootedTarget
from tests.fixtures.unprivileged import run_as_nobody


def target_of(root: Path) -> RootedTarget:
    return RootedTarget(TargetInfo(kind="offline_root", root=str(root)))


def see(root: Path, *starts: bytes) -> tuple[dict[bytes, Folder], dict[bytes, Unwalked]]:
    """What a walk gave, by path; every path once."""
    items = list(walk(target_of(root), starts or (b"",)))
    folders = [item for item in items if isinstance(item, Folder)]
    unwalked = [item for item in items if isinstance(item, Unwalked)]
    assert len({item.rel for item in folders}) == len(folders)
    return {item.rel: item for item in folders}, {item.rel: item for item in unwalked}


def files(folders: dict[bytes, Folder]) -> list[bytes]:
    return sorted(rel + b"/" + name if rel else name for rel, folder in folders.items() for name in folder.files)


def plant(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_every_file_below_the_root(tmp_path: Path) -> None:
    plant(tmp_path, "top", "a/one", "a/b/two", "c/three")
    (tmp_path / "empty").mkdir()
    folders, unwalked = see(tmp_path)
    assert files(folders) == [b"a/b/two", b"a/one", b"c/three", b"top"]
    assert sorted(folders[b""].folders) == [b"a", b"c", b"empty"]
    assert folders[b"empty"] == Folder(b"empty", [], [])
    assert unwalked == {}


def test_starting_points_may_be_folders_and_files(tmp_path: Path) -> None:
    plant(tmp_path, "a/one", "a/two", "b/three", "c/four")
    folders, _ = see(tmp_path, b"b", b"a/one")
    assert files(folders) == [b"a/one", b"b/three"]


def test_a_folder_is_seen_once_however_often_it_is_named(tmp_path: Path) -> None:
    plant(tmp_path, "a/b/one")
    folders, unwalked = see(tmp_path, b"a", b"a/b", b"a")
    assert files(folders) == [b"a/b/one"]
    assert {item.why for item in unwalked.values()} == {"already looked at by another name"}
    assert {item.state for item in unwalked.values()} == {"skipped"}


def test_starts_are_walked_in_their_order(tmp_path: Path) -> None:
    plant(tmp_path, "b/one", "a/two")
    order = [item.rel for item in walk(target_of(tmp_path), (b"b", b"a"))]
    assert order == [b"b", b"a"]


@pytest.mark.parametrize("where", ["/", "..", "outside", "inside", "none", "link"])
def test_links_are_said_and_never_followed(tmp_path: Path, where: str) -> None:
    plant(tmp_path / "root", "inside/one")
    plant(tmp_path, "outside/two")
    (tmp_path / "root" / "link").symlink_to(tmp_path / where if where == "outside" else where)
    folders, unwalked = see(tmp_path / "root")
    assert files(folders) == [b"inside/one"]
    assert unwalked[b"link"].state == "skipped"
    assert "link" in unwalked[b"link"].why


@pytest.mark.parametrize("to", ["folder", "file"])
def test_a_start_that_is_a_link_is_not_followed(tmp_path: Path, to: str) -> None:
    plant(tmp_path, "outside/one")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside" / ("one" if to == "file" else ""))
    folders, unwalked = see(tmp_path / "root", b"link")
    assert folders == {}
    assert "link" in unwalked[b"link"].why


def test_a_start_behind_a_link_is_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, "outside/a/one")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    folders, unwalked = see(tmp_path / "root", b"link/a")
    assert folders == {}
    assert unwalked[b"link/a"].state == "failed"


@pytest.mark.parametrize("into", ["folder", "file"])
def test_a_folder_swapped_for_a_link_in_the_middle_of_the_walk(tmp_path: Path, into: str) -> None:
    plant(tmp_path, "root/a/one", "root/b/two", "outside/secret")
    items = []
    for item in walk(target_of(tmp_path / "root"), (b"",)):
        items.append(item)
        if item.rel == b"":
            (tmp_path / "root" / "b").rename(tmp_path / "moved")
            (tmp_path / "root" / "b").symlink_to(tmp_path / "outside" / ("secret" if into == "file" else ""))
    assert not any(isinstance(item, Folder) and item.rel == b"b" for item in items)
    (swapped,) = (item for item in items if item.rel == b"b")
    assert isinstance(swapped, Unwalked)
    assert "link" in swapped.why


def test_a_folder_swapped_for_a_file_is_looked_at_as_a_file(tmp_path: Path) -> None:
    plant(tmp_path, "a/one")
    found = []
    for item in walk(target_of(tmp_path), (b"",)):
        found.append(item)
        if item.rel == b"" and item == found[0]:
            (tmp_path / "a" / "one").unlink()
            (tmp_path / "a").rmdir()
            (tmp_path / "a").touch()
    assert Folder(b"", [b"a"], []) in found


def test_a_folder_that_goes_away_is_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, "top")
    (tmp_path / "a").mkdir()
    found = []
    for item in walk(target_of(tmp_path), (b"",)):
        found.append(item)
        if item.rel == b"":
            (tmp_path / "a").rmdir()
    assert found[1:] == [Unwalked(b"a", "failed", "it changed while it was looked at")]


def test_a_folder_that_comes_back_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "a/one")
    target = target_of(tmp_path)
    real = target.open_dir
    missed: list[bytes] = []

    def miss(rel: bytes) -> int:
        if rel == b"a" and not missed:
            missed.append(rel)
            raise FileNotFoundError(2, "No such file or directory")
        return real(rel)

    monkeypatch.setattr(target, "open_dir", miss)
    assert list(walk(target, (b"",)))[1:] == [Folder(b"a", [b"one"], [])]
    assert missed


def test_special_files_are_said_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    os.mknod(tmp_path / "char", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # these two need root, as in CI
    os.mknod(tmp_path / "block", stat.S_IFBLK | 0o666, os.makedev(7, 0))
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        folders, unwalked = see(tmp_path)
        _, as_start = see(tmp_path, b"fifo")
    assert files(folders) == []
    assert set(unwalked) == {b"fifo", b"char", b"block", b"socket"}
    assert {(item.state, item.why) for item in unwalked.values()} == {
        ("skipped", "not a regular file (device, socket or fifo)")
    }
    assert as_start[b"fifo"].state == "failed"  # named by the user, and not looked at


ODD = [b"a\nb", b"\x1b[2J\x1b]0;x\x07", b"\xff\xfe", b"caf\xc3\xa9", b" ", b"-rf", b"$(id)", b"a\\b", b"x" * 255]


def test_any_name_is_just_a_name(tmp_path: Path) -> None:
    top = os.fsencode(tmp_path)
    for name in ODD:
        os.mkdir(top + b"/" + name)
        os.close(os.open(top + b"/" + name + b"/" + name, os.O_CREAT | os.O_WRONLY))
    folders, unwalked = see(tmp_path)
    assert files(folders) == sorted(name + b"/" + name for name in ODD)
    assert unwalked == {}


def test_a_hard_linked_file_is_seen_by_each_of_its_names(tmp_path: Path) -> None:
    plant(tmp_path, "one")
    os.link(tmp_path / "one", tmp_path / "two")
    assert files(see(tmp_path)[0]) == [b"one", b"two"]


def test_a_folder_without_permission_is_a_gap_and_the_rest_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, "a/one", "closed/two", "enter/inner/three", "z/four")
    (tmp_path / "closed").chmod(0o700)
    (tmp_path / "enter").chmod(0o711)
    tmp_path.chmod(0o755)
    target = target_of(tmp_path)

    def look() -> list[list[str]]:
        items = list(walk(target, (b"", b"enter/inner")))
        seen = {item.rel: item for item in items if isinstance(item, Folder)}
        missed = [item for item in items if isinstance(item, Unwalked)]
        return [[name.decode() for name in files(seen)], [f"{m.rel.decode()} {m.state} {m.why}" for m in missed]]

    names, missed = run_as_nobody(look)
    assert names == ["a/one", "enter/inner/three", "z/four"]
    assert sorted(missed) == ["closed failed Permission denied", "enter failed Permission denied"]


def test_a_start_that_is_not_there(tmp_path: Path) -> None:
    _, unwalked = see(tmp_path, b"none")
    assert set(unwalked) == {b"none"}


@pytest.mark.parametrize("start", [b"..", b"a/../..", b"./a", b"a//b"])
def test_a_start_that_leads_elsewhere_is_a_gap(tmp_path: Path, start: bytes) -> None:
    plant(tmp_path, "root/a/b/one")
    folders, unwalked = see(tmp_path / "root", start)
    assert folders == {}
    assert unwalked[start].state == "failed"


def test_an_abyss_is_a_gap_and_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_DEPTH", 3)
    plant(tmp_path, "1/2/3/file", "1/2/3/4/hidden", "z/file")
    folders, unwalked = see(tmp_path)
    assert files(folders) == [b"1/2/3/file", b"z/file"]
    assert unwalked == {b"1/2/3/4": Unwalked(b"1/2/3/4", "failed", "more than 3 folders deep")}


def test_a_tree_as_deep_as_the_limit_can_be_opened(tmp_path: Path) -> None:
    """Longer than PATH_MAX in one piece: it must be reached part by part."""
    here = os.open(tmp_path, os.O_RDONLY)
    name = b"d" * 60
    for _ in range(walking.MOST_DEPTH):
        os.mkdir(name, dir_fd=here)
        there = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(os.open(b"bottom", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    folders, unwalked = see(tmp_path)
    assert files(folders) == [b"/".join([name] * walking.MOST_DEPTH) + b"/bottom"]
    assert unwalked == {}


def test_a_crowded_folder_comes_in_parts_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_NAMES", 10)
    plant(tmp_path, *(f"file{number}" for number in range(35)), *(f"folder{number}/x" for number in range(8)))
    parts = [item for item in walk(target_of(tmp_path), (b"",)) if isinstance(item, Folder)]
    top = [part for part in parts if part.rel == b""]
    assert [len(part.files) + len(part.folders) for part in top] == [10, 10, 10, 10, 3]
    assert len({name for part in top for name in part.files}) == 35
    assert len({part.rel for part in parts if part.rel and part.files == [b"x"]}) == 8


def test_what_was_listed_before_an_error_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "one", "two")
    real = os.scandir

    class Failing:
        def __init__(self, directory: int) -> None:
            self._entries = real(directory)

        def __enter__(self) -> "Failing":
            return self

        def __exit__(self, *_: object) -> None:
            self._entries.close()

        def __iter__(self) -> "Failing":
            self._left = 1
            return self

        def __next__(self) -> "os.DirEntry[str]":
            if not self._left:
                raise OSError(5, "Input/output error")
            self._left = 0
            return next(self._entries)

    monkeypatch.setattr(os, "scandir", Failing)
    folders, unwalked = see(tmp_path)
    assert len(files(folders)) == 1
    assert unwalked == {b"": Unwalked(b"", "failed", "Input/output error")}


@pytest.mark.parametrize("start", [b"proc", b"proc/self", b"sys", b"proc/sys/kernel"])
def test_views_of_the_kernel_are_left_out(start: bytes) -> None:
    target = RootedTarget(TargetInfo(kind="live_linux", root="/"))
    assert list(walk(target, (start,))) == [Unwalked(start, "skipped", "a view of the kernel, not storage")]


def test_folders_called_like_views_are_walked_elsewhere(tmp_path: Path) -> None:
    plant(tmp_path, "proc/1/exe", "sys/x")
    assert files(see(tmp_path)[0]) == [b"proc/1/exe", b"sys/x"]


@pytest.mark.parametrize("kind", ["fuse.sshfs", "nfs4", "cifs", "9p"])
def test_what_somebody_else_answers_for_is_walked_only_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / "far/deep").mkdir(parents=True)
    (tmp_path / "near").mkdir()
    far = os.fsencode(tmp_path / "far")
    monkeypatch.setattr("codered.collect.walking.read_mounts", lambda: {b"/": "ext4", far: kind})
    target = target_of(tmp_path)
    found = list(walk(target, (b"",)))
    assert [(item.rel, item.state, item.why) for item in found if isinstance(item, Unwalked)] == [
        (b"far", "skipped", REMOTE)
    ]
    asked = {item.rel for item in walk(target, (b"far",)) if isinstance(item, Folder)}
    assert asked == {b"far", b"far/deep"}


class Remembered:
    """Recalls the stamps it was made with, and notes what it was asked."""

    def __init__(self, stamps: dict[bytes, dict[bytes, Stamp]]) -> None:
        self.stamps = stamps
        self.asked: list[bytes] = []

    def recall(self, rel: bytes, directory: int, device: int) -> dict[bytes, Stamp]:
        assert os.fstat(directory).st_dev == device
        self.asked.append(rel)
        return self.stamps.get(rel, {})


def test_a_memory_tells_what_did_not_change(tmp_path: Path) -> None:
    plant(tmp_path, "a/same", "a/changed", "a/new", "a/now_a_link", "a/now_a_folder", "b/same")
    stamps = {os.fsencode(path.name): stamp_of(path.stat()) for path in (tmp_path / "a").iterdir()}
    (tmp_path / "a/changed").write_text("x")
    for name in ("now_a_link", "now_a_folder"):
        (tmp_path / "a" / name).unlink()
    (tmp_path / "a/now_a_link").symlink_to("same")
    (tmp_path / "a/now_a_folder").mkdir()
    memory = Remembered({b"a": {**stamps, b"gone": (1, 2, 3, 4)} | {b"new": (1, 0, 0, 0)}})
    folders = {item.rel: item for item in walk(target_of(tmp_path), (b"",), memory=memory) if isinstance(item, Folder)}
    assert folders[b"a"].unchanged == [b"same"]
    assert sorted(folders[b"a"].files) == [b"changed", b"new"]
    assert folders[b"a"].folders == [b"now_a_folder"]
    assert (folders[b"b"].files, folders[b"b"].unchanged) == ([b"same"], [])
    assert sorted(memory.asked) == [b"", b"a", b"a/now_a_folder", b"b"]


def test_a_stamp_shows_a_write_whose_time_was_set_back(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("clean")
    before = (tmp_path / "one").stat()
    (tmp_path / "one").write_text("other")
    os.utime(tmp_path / "one", ns=(before.st_atime_ns, before.st_mtime_ns))
    after = (tmp_path / "one").stat()
    assert stamp_of(before)[:3] == stamp_of(after)[:3]
    assert stamp_of(before) != stamp_of(after)
