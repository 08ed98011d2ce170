import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.targets.images.library_disks import open_qcow, open_vhd, open_vmdk
from tests.fixtures.ntfs_volumes import MIB, run

OPEN = {"qcow2": open_qcow, "vmdk": open_vmdk, "vpc": open_vhd}


def make_chain(folder: Path, kind: str) -> Path:
    """An image that is based on another one of its kind, with a change."""
    with (folder / "raw").open("wb") as file:
        file.truncate(4 * MIB)
        file.write(b"from the base" + os.urandom(70000))
    run("qemu-img", "convert", "-O", kind, str(folder / "raw"), str(folder / "base"))
    run("qemu-img", "create", "-q", "-f", kind, "-F", kind, "-b", str(folder / "base"), str(folder / "top"))
    run("qemu-io", "-f", kind, "-c", "write -q -P 65 1M 64k", str(folder / "top"))
    return folder / "top"


@pytest.mark.parametrize("kind", ["qcow2", "vmdk"])
def test_an_image_with_what_it_is_based_on(tmp_path: Path, kind: str) -> None:
    disk = OPEN[kind](os.fsencode(make_chain(tmp_path, kind)))
    assert disk.read(0, 13) == b"from the base"
    assert disk.read(MIB - 2, 4) == b"\0\0AA"
    assert disk.read(0, 70000) == (tmp_path / "raw").read_bytes()[:70000]
    assert [os.path.basename(path) for path in disk.files] == [b"top", b"base"]
    disk.close()


@pytest.mark.parametrize("kind", ["qcow2", "vmdk"])
def test_a_base_that_is_not_there_or_no_such_image(tmp_path: Path, kind: str) -> None:
    top = make_chain(tmp_path, kind)
    (tmp_path / "base").rename(tmp_path / "gone")
    with pytest.raises(WrongUse, match=r"not there.*codered verify PLAN.*qemu-img convert"):
        OPEN[kind](os.fsencode(top))
    (tmp_path / "base").symlink_to(tmp_path / "gone")
    with pytest.raises(WrongUse, match="a link"):
        OPEN[kind](os.fsencode(top))
    (tmp_path / "base").unlink()
    os.link(tmp_path / "raw", tmp_path / "base")
    with pytest.raises(WrongUse, match="qemu-img convert"):
        OPEN[kind](os.fsencode(top))


def test_a_vmdk_base_that_was_changed_since(tmp_path: Path) -> None:
    top = make_chain(tmp_path, "vmdk")
    base = tmp_path / "base"
    text = base.read_bytes()
    at = text.index(b"CID=") + 4
    with base.open("r+b") as file:
        file.seek(at)
        file.write(b"1" if text[at : at + 1] != b"1" else b"2")
    with pytest.raises(WrongUse, match="changed since"):
        open_vmdk(os.fsencode(top))


def test_what_is_named_in_qemus_own_way_is_not_opened(tmp_path: Path) -> None:
    below = 'json:{"driver": "raw", "file": {"driver": "file", "filename": "/etc/shadow"}}'
    run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", below, str(tmp_path / "a"), "1M")
    with pytest.raises(WrongUse, match="QEMU's own way") as refused:
        open_qcow(os.fsencode(tmp_path / "a"))
    assert "shadow" not in str(refused.value)


def test_an_image_that_is_based_on_itself(tmp_path: Path) -> None:
    top = make_chain(tmp_path, "qcow2")
    run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "top", str(top))
    with pytest.raises(WrongUse, match="itself"):
        open_qcow(os.fsencode(top))


def test_two_images_that_are_based_on_each_other(tmp_path: Path) -> None:
    top = make_chain(tmp_path, "qcow2")
    run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "top", str(tmp_path / "base"))
    with pytest.raises(WrongUse, match="based on more than"):
        open_qcow(os.fsencode(top))


def test_data_in_a_file_of_their_own(tmp_path: Path) -> None:
    made, data = tmp_path / "x.qcow2", tmp_path / "data"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-o", f"data_file={data}", str(made), "1M")
    with pytest.raises(WrongUse, match="file of their own"):
        open_qcow(os.fsencode(made))


def test_extents_named_elsewhere_are_looked_for_beside(tmp_path: Path) -> None:
    text = '# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="monolithicFlat"\n'
    text += (
        '\n# Extent description\nRW 128 FLAT "/etc/passwd" 0\n\n# The Disk Data Base\n#DDB\n\nddb.adapterType = "ide"\n'
    )
    (tmp_path / "x.vmdk").write_text(text)
    with pytest.raises(WrongUse, match="not there"):
        open_vmdk(os.fsencode(tmp_path / "x.vmdk"))
    (tmp_path / "x.vmdk").write_text(text.replace('FLAT "/etc/passwd" 0', "ZERO"))
    with pytest.raises((WrongUse, OSError)):
        open_vmdk(os.fsencode(tmp_path / "x.vmdk"))
