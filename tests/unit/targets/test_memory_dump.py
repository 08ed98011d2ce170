import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.target import Target
from codered.targets.memory_dump import MemoryDump
from tests.fixtures.unprivileged import run_as_nobody


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ram.dd"
    path.write_bytes(b"memory")
    return path


@pytest.fixture
def dump(path: Path) -> Iterator[MemoryDump]:
    dump = MemoryDump(os.fsencode(path))
    yield dump
    dump.close()


def test_it_is_a_target_with_memory_and_no_files(dump: MemoryDump, path: Path) -> None:
    target: Target = dump
    assert (target.info.kind, target.info.root, target.info.offers) == ("memory_dump", str(path), ("memory",))
    assert (target.absolute(b""), target.shown(b""), target.find("/etc")) == (os.fsencode(path), None, [])
    with pytest.raises(NotADirectoryError):
        target.open_dir(b"")
    with pytest.raises(NotADirectoryError):
        target.open_at(0, b"a")
    with pytest.raises(NotADirectoryError):
        target.open_file(b"a")


def test_the_dump_itself_can_be_opened(dump: MemoryDump) -> None:
    descriptor = dump.open_file(b"")
    try:
        assert os.pread(descriptor, 10, 0) == b"memory"
    finally:
        os.close(descriptor)


def test_a_change_shows(dump: MemoryDump, path: Path) -> None:
    assert dump.read_state() == dump.state
    assert dump.size == 6
    with path.open("ab") as file:
        file.write(b"!")
    assert dump.read_state() != dump.state


def test_the_system_is_named_once_it_is_known(dump: MemoryDump) -> None:
    seen = [dump.info.system]
    dump.name_system("windows")
    assert [*seen, dump.info.system] == ["unknown", "windows"]


def test_a_relative_path_becomes_absolute(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    dump = MemoryDump(b"ram.dd")
    dump.close()
    assert dump.info.root == str(path)


def test_a_name_that_is_not_utf_8_is_shown_escaped(path: Path) -> None:
    odd = os.fsencode(path) + b"\xff"
    path.rename(os.fsdecode(odd))
    dump = MemoryDump(odd)
    dump.close()
    assert dump.info.root == f"{path}\\xff"
    assert dump.absolute(b"") == odd


def test_what_is_no_regular_file_is_refused(path: Path) -> None:
    folder = path.parent
    (folder / "link").symlink_to(path)
    os.mkfifo(folder / "fifo")
    told = {"": "a folder", "link": "a link", "fifo": "no regular file", "gone": "no such file"}
    for name, what in told.items():
        with pytest.raises(WrongUse, match=what):
            MemoryDump(os.fsencode(folder / name))
    with pytest.raises(WrongUse, match="no regular file"):
        MemoryDump(b"/dev/null")


def test_a_file_others_may_not_read_is_refused(path: Path) -> None:
    path.chmod(0o600)

    def attempt() -> None:
        with pytest.raises(WrongUse, match="can't be read"):
            MemoryDump(os.fsencode(path))

    for folder in (path.parent, *path.parent.parents[:2]):
        folder.chmod(0o755)
    run_as_nobody(attempt)
