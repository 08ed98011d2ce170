import os
from pathlib import Path

import pytest

from codered.collect.file_states import FolderChain, Start, join, list_states, pack_numbers, walk_states
from codered.collect.walking import Unwalked
from codered.model.known_good import FolderRecord
from codered.targets import open_target

ODD = b"new\nline \xff"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/file").write_text("x")
    (root / ".dot").write_text("x")
    (root / "link").symlink_to("/etc")
    os.mkfifo(root / "fifo")
    Path(os.fsdecode(os.fsencode(root) + b"/" + ODD)).write_text("odd")
    return root


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY)


def test_every_entry_with_its_numbers(tree: Path) -> None:
    directory = _open(tree)
    seen = list_states(directory, b"x")
    states = seen.record.states()
    assert states.keys() == {b"a", b".dot", b"link", b"fifo", ODD}
    stat = os.lstat(tree / ".dot")
    assert states[b".dot"] == (0, stat.st_ino, 1, stat.st_mtime_ns, stat.st_ctime_ns)
    assert seen.folders == [b"a"]
    assert (seen.record.rel, list_states(directory, b"x")) == (b"x", seen)
    assert list_states(directory, b"", "dots").record.states().keys() == {b".dot"}
    os.close(directory)


def test_numbers_of_any_size_can_be_kept() -> None:
    assert len(pack_numbers([2**64 - 1, 2**63, -(2**63), 0, 5])) == 40
    assert pack_numbers([2**64 - 1]) == pack_numbers([-1])


def test_a_walk_lists_each_folder_after_the_one_that_holds_it(tree: Path) -> None:
    target = open_target(str(tree))
    found = list(walk_states(target, (Start(b""), Start(b"a"), Start(b"none")), lambda rel: ""))
    assert [item.rel for item in found] == [b"", b"a", b"a/b", b"none"]
    assert isinstance(found[-1], Unwalked)
    assert (found[-1].state, found[-1].why) == ("failed", "No such file or directory")
    left_out = list(walk_states(target, (Start(b""),), lambda rel: "no" if rel == b"a" else ""))
    assert [(item.rel, isinstance(item, FolderRecord)) for item in left_out] == [(b"", True), (b"a", False)]
    assert [item.rel for item in walk_states(target, (Start(b"", "dots"),), lambda rel: "")] == [b""]


def test_a_view_of_the_kernel_is_not_walked_into() -> None:
    (item,) = walk_states(open_target(), (Start(b"proc"),), lambda rel: "")
    assert isinstance(item, Unwalked)
    assert item.why == "a view of the kernel, not storage"


def test_a_chain_opens_folders_and_follows_no_link(tree: Path) -> None:
    (tree / "a/b/out").symlink_to("/etc")
    target = open_target(str(tree))
    chain = FolderChain(target)
    before = len(os.listdir("/proc/self/fd"))
    for rel in (b"", b"a", b"a/b", b"a", b"a/b"):
        assert os.fstat(chain.open(rel)).st_ino == (tree / rel.decode()).stat().st_ino
    for bad in (b"link", b"a/b/out", b"a/b/out/cron.d", b"..", b"a/../.."):
        with pytest.raises(OSError):
            chain.open(bad)
    chain.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_of_very_many_names(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(20_000):
        os.mknod(tmp_path / "many" / str(number))
    directory = _open(tmp_path / "many")
    assert len(list_states(directory, b"").record.states()) == 20_000
    os.close(directory)


def test_paths() -> None:
    assert (join(b"", b"a"), join(b"a", b"b")) == (b"a", b"a/b")
