import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.sources.tar_files import (
    DamagedArchive,
    Listing,
    copy_member,
    find_member,
    list_members,
    other_names,
)


def make_member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mode, info.uid, info.mtime = size, kind, link, 0o4755, 7, 9
    return info


def pack(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for info, body in members:
            archive.addfile(info, io.BytesIO(body))
    return path


def list_file(path: Path) -> Listing:
    with path.open("rb") as file:
        return list_members(file)


def test_a_file_and_what_the_archive_says_of_it(tmp_path: Path) -> None:
    path = pack(tmp_path / "t", (make_member("./usr/bin/x", 5), b"hello"), (make_member("a\udcff", 1), b"y"))
    with path.open("rb") as file:
        listing = list_members(file)
        member = find_member(listing, b"usr/bin/x")
        assert member is not None
        assert (member.size, member.mode, member.uid, member.mtime_ns) == (5, 0o4755, 7, 9_000_000_000)
        with (tmp_path / "out").open("wb") as out:
            copy_member(file, member, out.fileno())
    assert (tmp_path / "out").read_bytes() == b"hello"
    assert b"a\xff" in listing.files


def test_only_regular_files_of_exactly_this_name_count(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "t",
        (make_member("../etc/passwd", 1), b"x"),
        (make_member("/etc/passwd", 1), b"x"),
        (make_member("etc/../etc/passwd", 1), b"x"),
        (make_member("etc/link", kind=tarfile.SYMTYPE, link="/etc/shadow"), b""),
        (make_member("etc/hard", kind=tarfile.LNKTYPE, link="../../etc/shadow"), b""),
        (make_member("etc/device", kind=tarfile.BLKTYPE), b""),
        (make_member("etc/fifo", kind=tarfile.FIFOTYPE), b""),
    )
    listing = list_file(path)
    for name in (b"etc/passwd", b"etc/link", b"etc/hard", b"etc/device", b"etc/fifo", b"etc/shadow"):
        assert find_member(listing, name) is None
    assert {b"etc/link", b"etc/hard", b"etc/device", b"etc/fifo"} <= listing.others


def test_a_hard_link_is_the_file_it_leads_to_and_the_last_of_two_counts(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "t",
        (make_member("./one", 3), b"old"),
        (make_member("./two", kind=tarfile.LNKTYPE, link="./one"), b""),
        (make_member("./one", kind=tarfile.SYMTYPE, link="two"), b""),
    )
    listing = list_file(path)
    assert (listing.files[b"two"].size, listing.others) == (3, frozenset({b"one"}))
    assert b"one" not in listing.files


def test_merged_folders() -> None:
    assert other_names(b"bin/x") == (b"bin/x", b"usr/bin/x")
    assert other_names(b"usr/lib/x/y") == (b"usr/lib/x/y", b"lib/x/y")
    assert other_names(b"bin") == (b"bin",)
    assert other_names(b"usr/share/x") == (b"usr/share/x",)


def test_an_archive_that_promises_more_than_it_holds(tmp_path: Path) -> None:
    path = pack(tmp_path / "t", (make_member("x", 5), b"hello"))
    header = make_member("y", 1 << 33).tobuf(tarfile.GNU_FORMAT)
    path.write_bytes(path.read_bytes()[:1024] + header + b"short")
    with pytest.raises(DamagedArchive, match="ends before"):
        list_file(path)


def test_a_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    header = make_member("x", 1 << 33, kind=tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "t").write_bytes(header + bytes(4096))
    with pytest.raises(DamagedArchive, match="asks for"):
        list_file(tmp_path / "t")


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "t", (make_member("x", 5), b"hello"))
    with path.open("rb") as file, (tmp_path / "out").open("wb") as out:
        member = list_members(file).files[b"x"]
        os.truncate(path, member.offset + 2)
        with pytest.raises(DamagedArchive, match="ends before"):
            copy_member(file, member, out.fileno())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 2559), value=st.integers(0, 255), cut=st.integers(0, 10240))
def test_damaged_in_any_place(tmp_path: Path, at: int, value: int, cut: int) -> None:
    path = pack(tmp_path / "t", (make_member("x", 5), b"hello"), (make_member("n" * 300, 1), b"y"))
    body = bytearray(path.read_bytes())
    body[at] = value
    path.write_bytes(body[:cut])
    try:
        listing = list_file(path)
    except DamagedArchive:
        return
    assert all(member.offset + member.size <= cut for member in listing.files.values())
