import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.targets.images.image_files import (
    find_beside,
    find_descriptor,
    list_ewf_segments,
    list_pieces,
    measure,
    open_image_file,
)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(name.encode())


def names_of(paths: tuple[bytes, ...]) -> list[str]:
    return [os.path.basename(path).decode() for path in paths]


def test_only_files_and_block_devices_are_opened(tmp_path: Path) -> None:
    touch(tmp_path, "a")
    descriptor = open_image_file(os.fsencode(tmp_path / "a"))
    assert measure(descriptor) == 1
    os.close(descriptor)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("a")
    for odd in ("fifo", "link", ".", "none"):
        with pytest.raises(WrongUse) as refused:
            open_image_file(os.fsencode(tmp_path / odd))
        assert "\n" not in str(refused.value)
    with pytest.raises(WrongUse):
        open_image_file(b"/dev/null")  # a character device


@pytest.mark.parametrize("named", ["d.001", "d.002", "d.003"])
def test_pieces_by_number(tmp_path: Path, named: str) -> None:
    touch(tmp_path, "d.001", "d.002", "d.003", "d.0001", "dd.001", "d.txt")
    assert names_of(list_pieces(os.fsencode(tmp_path / named))) == ["d.001", "d.002", "d.003"]


def test_pieces_by_letters_and_files_that_are_none(tmp_path: Path) -> None:
    touch(tmp_path, "x.aa", "x.ab", "x.ac", "disk.dd", "year.2001", "v.img", "log.gz")
    assert names_of(list_pieces(os.fsencode(tmp_path / "x.ab"))) == ["x.aa", "x.ab", "x.ac"]
    for alone in ("disk.dd", "year.2001", "v.img", "log.gz"):
        assert names_of(list_pieces(os.fsencode(tmp_path / alone))) == [alone]


def test_a_missing_piece_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "d.001", "d.002", "d.004")
    with pytest.raises(WrongUse, match=r"d\.002.*missing"):
        list_pieces(os.fsencode(tmp_path / "d.001"))


def test_segments_of_e01(tmp_path: Path) -> None:
    every = [f"i.E{number:02d}" for number in range(1, 100)] + ["i.EAA", "i.EAB"]
    touch(tmp_path, *every)
    assert names_of(list_ewf_segments(os.fsencode(tmp_path / "i.E07"))) == every
    (tmp_path / "i.E50").unlink()
    with pytest.raises(WrongUse, match="missing"):
        list_ewf_segments(os.fsencode(tmp_path / "i.E01"))
    touch(tmp_path, "renamed")
    assert names_of(list_ewf_segments(os.fsencode(tmp_path / "renamed"))) == ["renamed"]


@pytest.mark.parametrize("name", ["base.vmdk", "C:\\vm\\base.vmdk", "../../etc/base.vmdk", "/a/base.vmdk"])
def test_what_an_image_names_lies_beside_it(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "base.vmdk")
    assert find_beside(os.fsencode(tmp_path / "x.vmdk"), name) == os.fsencode(tmp_path / "base.vmdk")


@pytest.mark.parametrize("name", ["", "..", "a/..", "a\0b", "none.vmdk", "/etc/passwd", "..\\"])
def test_nothing_else_is_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse):
        find_beside(os.fsencode(tmp_path / "x.vmdk"), name)


def test_the_descriptor_of_an_extent() -> None:
    assert find_descriptor(b"/a/disk-s001.vmdk") == find_descriptor(b"/a/disk-f002.vmdk") == b"/a/disk.vmdk"
    assert find_descriptor(b"/a/disk.vmdk") is None


def test_an_empty_piece_would_shift_all_that_follows(tmp_path: Path) -> None:
    touch(tmp_path, "x.001", "x.002", "x.003")
    (tmp_path / "x.002").write_bytes(b"")
    with pytest.raises(WrongUse, match=r"x\.002: an empty piece"):
        list_pieces(os.fsencode(tmp_path / "x.001"))
