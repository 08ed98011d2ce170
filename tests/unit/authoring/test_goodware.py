import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.authoring.goodware import Nothing, PackageFiles, build_index, name_file, open_index, read_index
from codered.targets import open_target


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A system with one package: a program, and a file that it lists and that is a link."""
    info = tmp_path / "root/var/lib/dpkg/info"
    info.mkdir(parents=True)
    (tmp_path / "root/usr/bin").mkdir(parents=True)
    (tmp_path / "root/usr/bin/honest").write_bytes(b"\x7fELF\0honest_program_name\0usage: honest [file]\0")
    (tmp_path / "root/usr/bin/link").symlink_to("/etc/shadow")
    (info.parent / "status").write_text("Package: honest\nStatus: install ok installed\nInstalled-Size: 9\n")
    (info / "honest.list").write_text("/.\n/usr\n/usr/bin\n/usr/bin/honest\n/usr/bin/link\n/usr/bin/gone\n")
    sums = [f"{'0' * 32}  usr/bin/{name}\n" for name in ("honest", "link", "gone")]
    (info / "honest.md5sums").write_text("".join(sums))
    return os.path.realpath(tmp_path / "root")


def test_an_index_is_built_once_and_read_back(root: str, tmp_path: Path) -> None:
    told: list[str] = []
    cache = tmp_path / "cache"
    built = open_index(cache, open_target(root), told.append)
    assert built.knows(b"honest_program_name")
    assert built.knows(b"usage: honest [file]")
    assert not built.knows(b"zork_program_name")
    assert built.knows(name_file("md5", "0" * 32))
    assert built.files == 1
    assert len(told) == 2
    again = open_index(cache, open_target("/"), told.append)
    assert (len(again), again.describe()) == (len(built), built.describe())
    assert len(told) == 2
    assert b"honest" not in (cache / "goodware.bin").read_bytes()


def test_a_kept_index_that_may_be_anothers_or_is_damaged_is_not_read(root: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    open_index(cache, open_target(root), lambda _line: None)
    file = cache / "goodware.bin"
    assert read_index(cache) is not None
    file.chmod(0o666)
    assert read_index(cache) is None
    file.chmod(0o600)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert read_index(cache) is None
    file.write_bytes(b"codered goodware 1\n")
    assert read_index(cache) is None
    file.unlink()
    file.symlink_to("/etc/passwd")
    assert read_index(cache) is None
    assert read_index(tmp_path / "nosuch") is None


def test_the_time_bounds_it_and_what_is_packed_is_passed_over(root: str) -> None:
    index, _ = build_index(iter([b"\0first_content\0", b"\0second_content\0"]), seconds=-1)
    assert index.knows(b"first_content")
    assert not index.knows(b"second_content")
    Path(root, "usr/bin/honest").write_bytes(b"\x1f\x8bpacked_program\0")
    assert list(PackageFiles(open_target(root)).read()) == []
    assert not Nothing().knows(b"anything")
    assert "no goodware" in Nothing().describe()


@settings(max_examples=10, deadline=None)
@given(st.sets(st.text("abcdefghij_", min_size=6, max_size=20), min_size=1, max_size=30))
def test_what_was_put_in_is_known(texts: set[str]) -> None:
    index, _ = build_index(iter([b"\0".join(text.encode() for text in texts)]))
    assert all(index.knows(text.encode()) for text in texts)
    assert not index.knows(b"never-put-in")
