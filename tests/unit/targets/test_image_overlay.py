"""Every kind of image made writable by an overlay: the evidence stays as it is, nothing is left mounted or running."""

import hashlib
import os
import signal
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.target import TargetInfo
from codered.targets.image_overlay import OVERLAY, OverlayTarget, clean_up, opened_overlay
from codered.targets.images.evidence_hash import hash_evidence
from codered.targets.overlay import programs
from codered.targets.overlay.programs import find_left_over
from tests.fixtures.ntfs_files import dump, furnish
from tests.fixtures.ntfs_volumes import MIB, convert_disk, make_disk, make_ntfs, mounted_ntfs, run, split_disk


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disk")
    volume = make_ntfs(folder / "volume", 12 * MIB)
    with mounted_ntfs(volume, folder / "m") as root:
        (root / "Root long name.exe").write_bytes(b"INERT MARKER")
        furnish(root / "Root long name.exe")
    return make_disk(volume, folder / "disk.raw")


def make_image(disk: Path, kind: str, folder: Path) -> Path:
    own = folder / "disk.raw"
    own.write_bytes(disk.read_bytes())
    if kind == "split raw":
        return split_disk(own, 5 * MIB)
    return own if kind == "raw" else convert_disk(own, kind)


def list_names(target: OverlayTarget, rel: bytes = b"p1") -> list[str]:
    fd = target.open_dir(rel)
    try:
        return sorted(os.listdir(fd))
    finally:
        os.close(fd)


def check_nothing_left(work: Path) -> None:
    assert f"{work}/" not in Path("/proc/self/mountinfo").read_text()
    assert [find_left_over(work, name) for name in ("ntfs-3g", "qemu-storage-daemon")] == [(), ()]
    assert {path.name for path in work.iterdir()} <= {OVERLAY, "overlay.lock", "overlay.log"}


@pytest.mark.parametrize("kind", ["raw", "split raw", "vmdk", "vhdx", "vpc", "qcow2", "E01"])
def test_what_is_changed_goes_to_the_overlay(tmp_path: Path, disk: Path, kind: str) -> None:
    image, work = make_image(disk, kind, tmp_path), tmp_path / "work"
    files = tuple(sorted(os.fsencode(path) for path in tmp_path.glob(f"{image.stem}.*") if path.suffix != ".raw"))
    evidence = hash_evidence(files if kind == "split raw" else (os.fsencode(image),))
    info = TargetInfo(kind="disk_image", root=str(image), evidence=evidence)
    with opened_overlay(info, work, write=False) as target:
        assert list_names(target) == ["Root long name.exe"]
        assert target.absolute(b"p1/x") == os.fsencode(image) + b"/p1/x"
    assert not (work / OVERLAY).exists()
    with opened_overlay(info, work, write=True) as target:
        before = dump(work / "mounted/p1/Root long name.exe")
        fd = target.open_dir(b"p1")
        os.unlink("Root long name.exe", dir_fd=fd)
        os.close(fd)
    check_nothing_left(work)
    with opened_overlay(info, work, write=False) as target:
        assert list_names(target) == []
        fd = target.open_dir(b"p1")
        with pytest.raises(OSError, match="Read-only"):
            os.mkdir("new", dir_fd=fd)
        os.close(fd)
    check_nothing_left(work)
    (work / OVERLAY).unlink()
    with opened_overlay(info, work, write=False) as target:
        assert dump(work / "mounted/p1/Root long name.exe") == before
        assert not target.not_mounted
    check_nothing_left(work)


def test_another_image_than_the_scanned_one_is_refused(tmp_path: Path, disk: Path) -> None:
    info = TargetInfo(kind="disk_image", root=str(disk), evidence=hashlib.sha256(b"another").hexdigest())
    with pytest.raises(Refused, match="not the image that was scanned"), opened_overlay(info, tmp_path, write=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_evidence_that_changes_meanwhile_is_told(tmp_path: Path, disk: Path) -> None:
    image = make_image(disk, "raw", tmp_path)
    info = TargetInfo(kind="disk_image", root=str(image), evidence=hash_evidence((os.fsencode(image),)))
    with pytest.raises(Refused, match="was changed since"), opened_overlay(info, tmp_path / "work", write=True):
        image.write_bytes(image.read_bytes()[:-1] + b"!")
    assert (tmp_path / "work" / OVERLAY).exists()  # it was told too late to have touched nothing
    check_nothing_left(tmp_path / "work")


def test_one_at_a_time_and_errors_leave_nothing(tmp_path: Path, disk: Path) -> None:
    info = TargetInfo(kind="disk_image", root=str(disk))
    with opened_overlay(info, tmp_path, write=True):  # noqa: SIM117 - the second one is what is looked at
        with pytest.raises(Refused, match="in use by another run"), opened_overlay(info, tmp_path, write=False):
            pass
    with pytest.raises(ZeroDivisionError), opened_overlay(info, tmp_path, write=True):
        raise ZeroDivisionError
    check_nothing_left(tmp_path)


def test_without_root_or_programs_it_is_refused(tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = TargetInfo(kind="disk_image", root=str(disk))
    monkeypatch.setattr(programs, "_PATH", str(tmp_path))
    missing = r"qemu-img: is missing.*apt install qemu-utils"
    with pytest.raises(WrongUse, match=missing), opened_overlay(info, tmp_path, write=True):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refused, match="needs root"), opened_overlay(info, tmp_path, write=True):
        pass


def test_a_killed_run_is_cleaned_up_by_the_next(tmp_path: Path, disk: Path) -> None:
    info = TargetInfo(kind="disk_image", root=str(disk))
    child = os.fork()
    if not child:
        try:
            with opened_overlay(info, tmp_path, write=True) as target:
                fd = target.open_dir(b"p1")
                os.unlink("Root long name.exe", dir_fd=fd)
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert find_left_over(tmp_path, "ntfs-3g")
    with opened_overlay(info, tmp_path, write=True) as target:
        assert list_names(target) == []
    check_nothing_left(tmp_path)
    clean_up(tmp_path)  # of nothing


def test_volumes_that_are_not_mounted_say_why(tmp_path: Path, disk: Path) -> None:
    locked = tmp_path / "locked.raw"
    data = bytearray(disk.read_bytes())
    data[MIB + 3 : MIB + 11] = b"-FVE-FS-"
    locked.write_bytes(data)
    with opened_overlay(TargetInfo(kind="disk_image", root=str(locked)), tmp_path / "w", write=True) as target:
        assert list(target.not_mounted) == ["p1"]
        assert "BitLocker" in target.not_mounted["p1"]
        assert list_names(target, b"") == []
    data = bytearray(disk.read_bytes())
    data[MIB + 48 : MIB + 56] = b"\xff" * 8  # where the table of files is
    locked.write_bytes(data)
    with opened_overlay(TargetInfo(kind="disk_image", root=str(locked)), tmp_path / "v", write=True) as target:
        assert target.not_mounted["p1"]
        for attempt in (target.open_dir, target.open_folder, target.open_file):  # not absent: it can't be seen
            with pytest.raises(OSError, match=r"its volume can't be opened: \S") as told:
                attempt(b"p1/Root long name.exe")
            assert not isinstance(told.value, FileNotFoundError)
        with pytest.raises(FileNotFoundError):
            target.open_file(b"p2/x")
    with opened_overlay(
        TargetInfo(kind="disk_image", root=str(disk)), tmp_path / "u", write=False, wanted=()
    ) as target:
        assert list(target.not_mounted) == ["p1"]
        with pytest.raises(FileNotFoundError):  # nobody wanted it
            target.open_file(b"p1/x")


def test_a_hibernated_windows_is_not_opened_for_writing(tmp_path: Path) -> None:
    volume = make_ntfs(tmp_path / "volume", 12 * MIB)
    with mounted_ntfs(volume, tmp_path / "m") as root:
        (root / "hiberfil.sys").write_bytes(b"hibr" + bytes(4092))
    info = TargetInfo(kind="disk_image", root=str(volume))
    with opened_overlay(info, tmp_path / "w", write=True) as target:
        assert "p1" in target.not_mounted
    with opened_overlay(info, tmp_path / "w", write=False) as target:
        assert list_names(target) == ["hiberfil.sys"]
    check_nothing_left(tmp_path / "w")


def test_a_linux_volume_is_changed_in_its_overlay_too(tmp_path: Path) -> None:
    image = tmp_path / "disk.raw"
    with image.open("wb") as file:
        file.truncate(8 * MIB)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/inert").write_bytes(b"INERT MARKER")
    run("mkfs.ext4", "-q", "-F", "-d", str(tmp_path / "files"), str(image))
    before, info = image.read_bytes(), TargetInfo(kind="disk_image", root=str(image))
    with opened_overlay(info, tmp_path / "w", write=True) as target:
        assert not target.not_mounted
        fd = target.open_dir(b"p1")
        os.unlink("inert", dir_fd=fd)
        os.close(fd)
    with opened_overlay(info, tmp_path / "w", write=False) as target:
        assert list_names(target) == ["lost+found"]
    check_nothing_left(tmp_path / "w")
    assert image.read_bytes() == before
