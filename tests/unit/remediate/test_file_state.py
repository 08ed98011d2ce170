import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import FileState
from codered.remediate.file_state import (
    ABSENT,
    CAPABILITIES,
    NO_REGULAR_FILE,
    ChangeFailed,
    TooLarge,
    describe_difference,
    escape_text,
    find_below,
    hold_file,
    open_spot,
    read_state,
    state_of_descriptor,
)
from tests.fixtures.changing import FolderTarget


def path_of(root: Path, rel: str) -> FilePath:
    return path_from_bytes(os.fsencode(root / rel))


def test_state_of_a_file(root: Path, target: FolderTarget) -> None:
    file = root / "www/index.html"
    file.chmod(0o4755)
    os.utime(file, ns=(5, 1_234_567_891))
    assert read_state(path_of(root, "www/index.html"), target) == FileState(
        exists=True,
        sha256=hashlib.sha256(b"hello").hexdigest(),
        size=5,
        mode=0o4755,
        uid=os.getuid(),
        gid=os.getgid(),
        mtime_ns=1_234_567_891,
    )


def test_reading_leaves_the_atime(root: Path, target: FolderTarget) -> None:
    os.utime(root / "www/index.html", ns=(5, 1_234_567_891))
    read_state(path_of(root, "www/index.html"), target)
    assert (root / "www/index.html").stat().st_atime_ns == 5


def test_absent(root: Path, target: FolderTarget) -> None:
    assert read_state(path_of(root, "www/none"), target) == ABSENT
    assert read_state(path_of(root, "none/none"), target) == ABSENT


def test_what_is_no_regular_file(root: Path, target: FolderTarget) -> None:
    os.mkfifo(root / "fifo")
    (root / "link").symlink_to("www/index.html")
    (root / "way").symlink_to("www")
    for rel in ("fifo", "link", "www", "way/index.html", "www/index.html/x"):
        assert read_state(path_of(root, rel), target) == NO_REGULAR_FILE, rel


@pytest.mark.parametrize("rel", ["../x", "www/../index.html", "www//index.html", "./x", "www/.", "", "a\0b"])
def test_only_plain_paths_below_the_root(root: Path, rel: str) -> None:
    with pytest.raises(Refused, match="does not lie beneath"):
        find_below(FilePath(f"{root}/{rel}"), str(root))


def test_a_neighbour_with_the_same_start_is_outside() -> None:
    with pytest.raises(Refused):
        find_below(FilePath("/rooted/x"), "/root")
    assert find_below(FilePath("/root/x/y"), "/root") == b"x/y"
    assert find_below(FilePath("/x/y"), "/") == b"x/y"


def test_odd_names_keep_their_bytes(root: Path, target: FolderTarget) -> None:
    name = b"\xff\nodd"
    (root / os.fsdecode(name)).write_bytes(b"odd")
    assert read_state(path_from_bytes(os.fsencode(root) + b"/" + name), target).size == 3


def test_a_file_that_grows_while_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "www/index.html"
    real = os.pread

    def pread(fd: int, size: int, offset: int) -> bytes:
        with file.open("ab") as more:
            more.write(b"more")
        return real(fd, size, offset)

    monkeypatch.setattr(os, "pread", pread)
    fd = os.open(file, os.O_RDONLY)
    with pytest.raises(ChangeFailed, match="grows"):
        state_of_descriptor(fd)
    os.close(fd)


def test_a_file_rewritten_while_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "www/index.html"
    real = os.pread

    def pread(fd: int, size: int, offset: int) -> bytes:
        piece = real(fd, size, offset)
        file.write_bytes(b"HELLO")
        return piece

    monkeypatch.setattr(os, "pread", pread)
    fd = os.open(file, os.O_RDONLY)
    with pytest.raises(ChangeFailed, match="changed while"):
        state_of_descriptor(fd)
    os.close(fd)


def exchange(file: Path) -> None:
    """Another file with the same content, mode and time under the same name."""
    seen = file.stat()
    twin = file.with_name("twin")
    twin.write_bytes(file.read_bytes())
    twin.chmod(seen.st_mode & 0o7777)
    os.utime(twin, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    twin.replace(file)


def relink(file: Path) -> None:
    file.rename(file.with_name("moved"))
    file.symlink_to("moved")


@pytest.mark.parametrize(
    ("touch", "story"),
    [
        (exchange, "exchanged"),
        (relink, "exchanged"),
        (Path.unlink, "disappeared"),
        (lambda file: file.chmod(0o600), "changed at the last moment"),
    ],
)
def test_a_held_file_notices_what_happens(root: Path, target: FolderTarget, touch: object, story: str) -> None:
    assert callable(touch)
    path = path_of(root, "www/index.html")
    state = read_state(path, target)
    with open_spot(path, target) as spot, hold_file(spot, state) as held:
        held.check_unmoved()
        touch(root / "www/index.html")
        with pytest.raises(ChangeFailed, match=story):
            held.check_unmoved()


def test_holding_another_file_than_expected(root: Path, target: FolderTarget) -> None:
    path = path_of(root, "www/index.html")
    state = read_state(path, target)
    (root / "www/index.html").write_bytes(b"other")
    with open_spot(path, target) as spot, pytest.raises(ChangeFailed, match="content"), hold_file(spot, state):
        pytest.fail("it was held")


def test_differences_in_words() -> None:
    one = FileState(exists=True, sha256="a", size=1, mode=0o644, uid=1, gid=1, mtime_ns=1)
    two = FileState(exists=True, sha256="b", size=2, mode=0o600, uid=2, gid=2, mtime_ns=2)
    assert describe_difference(one, two) == "it has another content, size, mode, owner, group, time now"
    assert describe_difference(one, ABSENT) == "it is gone"
    assert describe_difference(ABSENT, one) == "something is there now"
    assert "link" in describe_difference(one, NO_REGULAR_FILE)


def test_text_stays_on_one_line() -> None:
    assert escape_text("a\nb\x1b[31m\u202e\udcff ü") == "a\\nb\\x1b[31m\\u202e\\udcff ü"


def test_a_size_limit_is_to_the_byte(target: FolderTarget) -> None:
    path = path_from_bytes(target.absolute(b"www/index.html"))
    assert read_state(path, target, 5).size == 5
    with pytest.raises(TooLarge, match="larger than 0 GiB: it has 5 bytes"):
        read_state(path, target, 4)


def test_capabilities_are_a_part_of_the_state(root: Path, target: FolderTarget) -> None:
    raw = bytes.fromhex("0100000280000000000000000000000000000000")
    os.setxattr(root / "www/index.html", CAPABILITIES, raw)
    now = read_state(path_of(root, "www/index.html"), target)
    assert now.capabilities == raw.hex()
    assert describe_difference(replace(now, capabilities=""), now) == "it has another capabilities now"


def test_an_expected_time_of_0_is_any_time(root: Path, target: FolderTarget) -> None:
    path = path_of(root, "www/index.html")
    now = read_state(path, target)
    with open_spot(path, target) as spot:
        with hold_file(spot, replace(now, mtime_ns=0)) as held:
            held.check_unmoved()
        with pytest.raises(ChangeFailed, match="another time"), hold_file(spot, replace(now, mtime_ns=1)):
            pytest.fail("it was held")
    assert describe_difference(replace(now, mtime_ns=0, size=1), now) == "it has another size now"


def test_on_live_windows_paths_start_with_their_drive() -> None:
    assert find_below(FilePath("C:\\inetpub\\scripts\\root.exe"), "") == b"C:/inetpub/scripts/root.exe"
    with pytest.raises(Refused):
        find_below(FilePath("C:\\inetpub\\..\\x"), "")
