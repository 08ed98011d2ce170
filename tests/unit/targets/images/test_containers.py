import os
import sys
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.targets.images.containers import RAW, open_container, tell_kind
from tests.fixtures.ntfs_volumes import MIB, convert_disk, run, split_disk


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "disk.raw"
    with path.open("wb") as file:
        file.write(os.urandom(MIB))
        file.truncate(6 * MIB)
        file.seek(4 * MIB)
        file.write(b"in the middle" * 1000)
    return path


def linked(disk: Path, folder: Path) -> Path:
    os.link(disk, folder / "disk.raw")
    return folder / "disk.raw"


@pytest.mark.parametrize("kind", ["raw", "vmdk", "vhdx", "vpc", "qcow2", "E01", "split"])
def test_the_same_sectors_from_every_container(disk: Path, kind: str, tmp_path: Path) -> None:
    copy = linked(disk, tmp_path)
    made = copy if kind == "raw" else split_disk(copy, 2 * MIB) if kind == "split" else convert_disk(copy, kind)
    container = open_container(os.fsencode(made))
    named = {"raw": RAW, "vmdk": "VMDK", "vpc": "VHD", "vhdx": "VHDX", "qcow2": "QCOW2", "split": "split raw"}
    assert container.format == named.get(kind, kind)
    data = disk.read_bytes()
    assert container.disk.read(0, len(data)) == data
    assert container.disk.read(4 * MIB + 3, 10) == data[4 * MIB + 3 :][:10]
    assert container.disk.read(container.disk.size + 5, 10) == b""
    assert len(container.files) == (3 if kind == "split" else 1)
    container.disk.close()


@pytest.mark.parametrize(
    "subformat", ["monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized"]
)
def test_kinds_of_vmdk(disk: Path, subformat: str, tmp_path: Path) -> None:
    run("qemu-img", "convert", "-O", "vmdk", "-o", f"subformat={subformat}", str(disk), str(tmp_path / "x.vmdk"))
    for named in sorted(tmp_path.iterdir()):  # whichever of the files is named
        container = open_container(os.fsencode(named))
        assert container.disk.read(0, 6 * MIB) == disk.read_bytes()
        container.disk.close()
    assert len(open_container(os.fsencode(tmp_path / "x.vmdk")).files) == (1 if subformat == "streamOptimized" else 2)


@pytest.mark.parametrize(
    ("head", "at"), [(b"AFF10\r\n\0", 0), (b"EVF2\r\n\x81\0", 0), (b"LVF\x09\r\n\xff\0", 0), (b"\x7f\x10\xda\xbe", 64),
                     (b"koly", 4096 - 512)],
)  # fmt: skip
def test_what_is_not_read_says_what_to_do(tmp_path: Path, head: bytes, at: int) -> None:
    (tmp_path / "x").write_bytes((bytes(at) + head).ljust(4096, b"\0"))
    with pytest.raises(WrongUse, match="qemu-img convert"):
        open_container(os.fsencode(tmp_path / "x"))


@pytest.mark.parametrize(
    "magic", [b"KDMV", b"QFI\xfb\0\0\0\x03", b"vhdxfile", b"conectix", b"EVF\x09\r\n\xff\0", b"# Disk DescriptorFile\n"]
)
def test_a_damaged_container_is_a_sentence(tmp_path: Path, magic: bytes) -> None:
    (tmp_path / "x").write_bytes(magic + os.urandom(5000))
    with pytest.raises(WrongUse) as refused:
        open_container(os.fsencode(tmp_path / "x"))
    assert refused.value.advice
    assert "\n" not in str(refused.value)


def test_an_empty_file_and_a_missing_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(WrongUse, match="empty"):
        tell_kind(os.fsencode(tmp_path / "empty"))
    (tmp_path / "x").write_bytes(b"vhdxfile".ljust(4096))
    monkeypatch.setitem(sys.modules, "pyvhdi", None)
    with pytest.raises(WrongUse, match=r"codered-detect\[images\]"):
        open_container(os.fsencode(tmp_path / "x"))


def test_an_e01_in_several_segments(tmp_path: Path) -> None:
    made = tmp_path / "many"
    noise = tmp_path / "noise.raw"
    noise.write_bytes(os.urandom(3 * MIB))
    run("ewfacquire", "-u", "-q", "-c", "none", "-S", str(MIB + 65536), "-t", str(made), str(noise))
    for named in (".E01", ".E02"):
        container = open_container(os.fsencode(made) + named.encode())
        assert len(container.files) > 2
        assert container.disk.read(0, 3 * MIB) == noise.read_bytes()
        container.disk.close()
