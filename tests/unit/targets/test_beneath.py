import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.targets.beneath import open_dir_beneath, open_file_at, open_file_beneath, open_root
from tests.fixtures.unprivileged import run_as_nobody


def list_descriptors() -> set[tuple[str, str]]:
    """Number and place of each that is open here; others' may be closed meanwhile, as garbage of earlier tests."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
    return found


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    """An open folder `inside` with a/b/file.txt in it, and `outside` beside it."""
    (tmp_path / "inside" / "a" / "b").mkdir(parents=True)
    (tmp_path / "inside" / "a" / "b" / "file.txt").write_text("inside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file.txt").write_text("outside")
    descriptor = open_root(os.fsencode(tmp_path / "inside"))
    before = list_descriptors()
    yield descriptor
    assert list_descriptors() <= before, "a descriptor was left open"
    os.close(descriptor)


def read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def names(descriptor: int) -> list[str]:
    try:
        return sorted(os.listdir(descriptor))
    finally:
        os.close(descriptor)


def refused(root: int, rel: bytes) -> set[int | None]:
    """The error numbers with which both ways of opening answer."""
    numbers = set()
    for opens in (open_dir_beneath, open_file_beneath):
        with pytest.raises(OSError) as caught:
            os.close(opens(root, rel))
        numbers.add(caught.value.errno)
    return numbers


def test_opens_folders_and_files(root: int) -> None:
    assert names(open_dir_beneath(root, b"")) == ["a"]
    assert names(open_dir_beneath(root, b"a/b")) == ["file.txt"]
    assert read(open_file_beneath(root, b"a/b/file.txt")) == b"inside"


def test_a_file_at_the_top(root: int, tmp_path: Path) -> None:
    (tmp_path / "inside" / "top").write_text("top")
    assert read(open_file_beneath(root, b"top")) == b"top"


def test_two_readers_of_the_root_do_not_take_each_others_entries(root: int, tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / "inside" / f"file{number}").touch()
    first, second = open_dir_beneath(root, b""), open_dir_beneath(root, b"")
    with os.scandir(first) as entries:
        seen = [next(entries).name]
        assert len(os.listdir(second)) == 2001
        seen += [entry.name for entry in entries]
    os.close(first)
    os.close(second)
    assert len(set(seen)) == 2001


@pytest.mark.parametrize(
    "rel",
    [b"..", b".", b"a/..", b"../outside", b"a/../../outside/file.txt", b"/etc/passwd", b"a//b", b"a/", b"a/./b", b"//"],
)
def test_odd_components_are_refused(root: int, rel: bytes) -> None:
    refused(root, rel)


@pytest.mark.parametrize("target", ["{outside}", "../outside", "a"])
def test_a_folder_that_is_a_link_is_not_followed(root: int, tmp_path: Path, target: str) -> None:
    (tmp_path / "inside" / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    assert refused(root, b"link") <= {errno.ENOTDIR, errno.ELOOP}
    assert refused(root, b"link/file.txt") <= {errno.ENOTDIR, errno.ELOOP}
    assert refused(root, b"link/b/file.txt") <= {errno.ENOTDIR, errno.ELOOP}


def test_a_file_that_is_a_link_is_not_followed(root: int, tmp_path: Path) -> None:
    (tmp_path / "inside" / "a" / "link").symlink_to(tmp_path / "outside" / "file.txt")
    with pytest.raises(OSError) as caught:
        open_file_beneath(root, b"a/link")
    assert caught.value.errno == errno.ELOOP


def test_a_folder_swapped_for_a_link_after_it_was_opened_stays_what_it_was(root: int, tmp_path: Path) -> None:
    directory = open_dir_beneath(root, b"a/b")
    (tmp_path / "inside" / "a").rename(tmp_path / "inside" / "old")
    (tmp_path / "inside" / "a").mkdir()
    (tmp_path / "inside" / "a" / "b").symlink_to(tmp_path / "outside")
    assert read(open_file_at(directory, b"file.txt")) == b"inside"
    assert refused(root, b"a/b/file.txt") <= {errno.ENOTDIR, errno.ELOOP}
    os.close(directory)


@pytest.mark.parametrize("name", [b"a\nb", b"\x1b[2J", b"\xff\xfe", b" ", b"-rf", b"...", b"a\\b", b"x" * 255])
def test_any_name_is_just_a_name(root: int, tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path / "inside") + b"/" + name)).write_text("odd")
    assert read(open_file_beneath(root, name)) == b"odd"


def test_a_fifo_does_not_hold_us_up_and_is_no_file(root: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inside" / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        open_file_beneath(root, b"fifo")
    descriptor = open_file_at(root, b"fifo")
    assert stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    os.close(descriptor)


def test_a_socket_is_no_file(root: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path / "inside")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        with pytest.raises(OSError):
            open_file_beneath(root, b"socket")


def test_a_device_is_no_file(root: int, tmp_path: Path) -> None:
    os.mknod(tmp_path / "inside" / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # needs root, as in CI
    with pytest.raises(OSError, match="not a regular file"):
        open_file_beneath(root, b"zero")


def test_a_folder_is_no_file_and_a_file_no_folder(root: int) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_file_beneath(root, b"a/b")
    with pytest.raises(NotADirectoryError):
        open_dir_beneath(root, b"a/b/file.txt")
    assert refused(root, b"a/b/file.txt/x") == {errno.ENOTDIR}


def test_what_is_not_there(root: int) -> None:
    assert refused(root, b"a/none") == {errno.ENOENT}
    assert refused(root, b"none/x") == {errno.ENOENT}
    assert refused(root, b"x" * 256) == {errno.ENAMETOOLONG}


def test_reading_leaves_the_access_time_alone(root: int, tmp_path: Path) -> None:
    path = tmp_path / "inside" / "a" / "b" / "file.txt"
    os.utime(path, ns=(1_000, 2_000_000))
    assert read(open_file_beneath(root, b"a/b/file.txt")) == b"inside"
    assert path.stat().st_atime_ns == 1_000


def test_nobody_reads_what_he_does_not_own(root: int, tmp_path: Path) -> None:
    (tmp_path / "inside").chmod(0o755)
    assert run_as_nobody(lambda: read(open_file_beneath(root, b"a/b/file.txt")).decode()) == "inside"


def test_a_folder_one_may_enter_but_not_list_is_no_obstacle(root: int, tmp_path: Path) -> None:
    (tmp_path / "inside").chmod(0o755)
    (tmp_path / "inside" / "a").chmod(0o711)

    def look() -> list[object]:
        with pytest.raises(PermissionError):
            open_dir_beneath(root, b"a")
        return [names(open_dir_beneath(root, b"a/b")), read(open_file_beneath(root, b"a/b/file.txt")).decode()]

    assert run_as_nobody(look) == [["file.txt"], "inside"]


def test_no_descriptor_reaches_a_child_process(root: int) -> None:
    for descriptor in (open_dir_beneath(root, b"a"), open_file_beneath(root, b"a/b/file.txt")):
        assert not os.get_inheritable(descriptor)
        os.close(descriptor)


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An open folder full of links that lead out of it."""
    top = tmp_path_factory.mktemp("cage") / "root"
    (top / "a" / "a").mkdir(parents=True)
    (top / "link").symlink_to("/")
    (top / "a" / "link").symlink_to("/etc")
    (top / "out").symlink_to("..")
    descriptor = open_root(os.fsencode(top))
    yield descriptor
    os.close(descriptor)


@given(
    rel=st.lists(st.sampled_from([b"..", b".", b"", b"a", b"out", b"link", b"etc", b"\xff"]), max_size=5).map(b"/".join)
)
def test_no_path_leads_out(cage: int, rel: bytes) -> None:
    try:
        descriptor = open_dir_beneath(cage, rel)
    except OSError:
        return
    top, found = (os.readlink(f"/proc/self/fd/{number}") for number in (cage, descriptor))
    os.close(descriptor)
    assert found == top or found.startswith(top + "/")
