"""Volumes that must not be changed: mounted read-only, of a sleeping Windows, with streams hidden."""

import subprocess
import time
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan
from codered.remediate.volume_guards import check_volumes
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs, run


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    made = make_ntfs(tmp_path / "volume")
    with mounted_ntfs(made, tmp_path / "root") as root:
        (root / "root.exe").write_bytes(b"INERT MARKER")
    return made


def make_plan(root: Path) -> tuple[Plan, FolderTarget]:
    target = FolderTarget(root)
    return make_sealed_plan(target, make_action(target, "root.exe")), target


def test_read_only_is_refused_before_anything_is_begun(tmp_path: Path, volume: Path) -> None:
    with mounted_ntfs(volume, tmp_path / "root", "ro") as root:
        plan, target = make_plan(root)
        with pytest.raises(Refused, match=r"mounted read-only.*ntfs-3g -o streams_interface=windows"):
            apply_plan(plan, target, tmp_path / "state/cases/x")
        assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("magic", [b"hibr", b"HIBR"])
def test_a_sleeping_windows_is_refused(tmp_path: Path, volume: Path, magic: bytes) -> None:
    with mounted_ntfs(volume, tmp_path / "root") as root:
        (root / "hiberfil.sys").write_bytes(magic + bytes(4092))
        plan, target = make_plan(root)
        with pytest.raises(Refused, match=r"hibernated there.*shut it down fully"):
            check_volumes(plan, target)
    with mounted_ntfs(volume, tmp_path / "root") as root:  # ntfs-3g itself makes it read-only now, without a word
        plan, target = make_plan(root)
        with pytest.raises(Refused, match=r"hibernated there.*shut it down fully"):
            apply_plan(plan, target, tmp_path / "state/cases/x")
        assert (root / "root.exe").exists()


def test_a_windows_that_woke_up_is_fine(tmp_path: Path, volume: Path) -> None:
    with mounted_ntfs(volume, tmp_path / "root") as root:
        for body in (b"wake" + bytes(4092), bytes(4096), b""):
            (root / "hiberfil.sys").write_bytes(body)
            check_volumes(*make_plan(root))


def test_a_mount_that_hides_streams_is_refused(tmp_path: Path, volume: Path) -> None:
    root = tmp_path / "root"
    run("ntfs-3g", "-o", "streams_interface=none", str(volume), str(root))
    try:
        plan, target = make_plan(root)
        with pytest.raises(Refused, match=r"hides named streams.*streams_interface=windows"):
            check_volumes(plan, target)
    finally:
        run("umount", str(root))
        for _ in range(100):
            if subprocess.run(["pgrep", "-f", f"ntfs-3g.*{volume}"], check=False, capture_output=True).returncode:
                break
            time.sleep(0.05)


def test_a_folder_on_another_file_system_is_none_of_its_business(tmp_path: Path) -> None:
    (tmp_path / "root.exe").write_bytes(b"INERT MARKER")
    plan, target = make_plan(tmp_path)
    check_volumes(plan, target)
    (tmp_path / "hiberfil.sys").write_bytes(b"hibr")  # in a folder that is no volume's top
    check_volumes(plan, target)
