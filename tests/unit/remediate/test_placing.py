import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.remediate.file_state import ChangeFailed, Spot, hold_file, open_regular, state_of_descriptor
from codered.remediate.placing import put_new, remove_held, remove_temporary, replace_held, write_all

TEMPORARY = b".codered-test"


def fill(fd: int) -> None:
    write_all(fd, b"new content")


def fail(fd: int) -> None:
    write_all(fd, b"half")
    raise ChangeFailed("no more")


@pytest.fixture
def spot(tmp_path: Path) -> Iterator[Spot]:
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield Spot(fd, b"file")
    os.close(fd)


def break_calls(monkeypatch: pytest.MonkeyPatch, *, unnamed: bool, linking: bool) -> None:
    """A file system that can't do files without a name, or hard links (FAT)."""
    real_open, real_link = os.open, os.link

    def odd_open(path: bytes, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if not unnamed and flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real_open(path, flags, mode, dir_fd=dir_fd)

    def odd_link(*args: object, **kw: object) -> None:
        if not linking:
            raise OSError(errno.EPERM, "Operation not permitted")
        real_link(*args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", odd_open)
    monkeypatch.setattr(os, "link", odd_link)


@pytest.fixture(params=[(True, True), (False, True), (True, False), (False, False)])
def any_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    break_calls(monkeypatch, unnamed=request.param[0], linking=request.param[1])


@pytest.mark.usefixtures("any_disk")
def test_a_new_file(spot: Spot, tmp_path: Path) -> None:
    put_new(spot, TEMPORARY, fill)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new content"


@pytest.mark.usefixtures("any_disk")
def test_what_is_there_is_never_overwritten(spot: Spot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        put_new(spot, TEMPORARY, fill)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.usefixtures("any_disk")
def test_a_failed_filling_leaves_nothing(spot: Spot, tmp_path: Path) -> None:
    with pytest.raises(ChangeFailed):
        put_new(spot, TEMPORARY, fail)
    assert list(tmp_path.iterdir()) == []


def test_replacing(spot: Spot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    fd = open_regular(spot)
    with hold_file(spot, state_of_descriptor(fd)) as held:
        replace_held(held, TEMPORARY, fill)
    os.close(fd)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new content"


@pytest.mark.parametrize("filler", [fail, fill])
def test_a_failed_replacing_leaves_the_old(spot: Spot, tmp_path: Path, filler: object) -> None:
    def touch_and_fill(out: int) -> None:
        assert callable(filler)
        filler(out)
        (tmp_path / "file").write_bytes(b"touched meanwhile")

    (tmp_path / "file").write_bytes(b"old")
    fd = open_regular(spot)
    with hold_file(spot, state_of_descriptor(fd)) as held, pytest.raises(ChangeFailed):
        replace_held(held, TEMPORARY, touch_and_fill)
    os.close(fd)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() in (b"old", b"touched meanwhile")


def test_removing_only_what_was_held(spot: Spot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    fd = open_regular(spot)
    state = state_of_descriptor(fd)
    os.close(fd)
    with hold_file(spot, state) as held:
        (tmp_path / "other").write_bytes(b"old")
        (tmp_path / "other").replace(tmp_path / "file")
        with pytest.raises(ChangeFailed):
            remove_held(held)
    assert (tmp_path / "file").exists()
    fd = open_regular(spot)
    with hold_file(spot, state_of_descriptor(fd)) as held:
        remove_held(held)
    os.close(fd)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_left_over(spot: Spot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"left over")
    remove_temporary(spot)
    remove_temporary(spot)
    assert list(tmp_path.iterdir()) == []


def test_short_writes_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:3]))
    fd = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    write_all(fd, b"0123456789")
    os.close(fd)
    assert (tmp_path / "out").read_bytes() == b"0123456789"
