"""A medium boots in a virtual machine, cleans a disk by an approved plan, powers off; its second menu entry undoes."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from codered.model.plan import Plan
from tests.fixtures.command import Desk
from tests.fixtures.ntfs_volumes import START, make_disk, make_ntfs, mounted_ntfs, run
from tests.fixtures.rescue_media import boot, fetch_kernel
from tests.fixtures.windows_roots import infect_codered2, lay_out_windows2000

UNDO = 1


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    volume = make_ntfs(tmp_path / "volume")
    with mounted_ntfs(volume, tmp_path / "m") as top:
        lay_out_windows2000(top)
        infect_codered2(top)
    return volume


def digests(disk: Path, work: Path) -> dict[str, str]:
    """The content of every file of the disk's volume."""
    copy = work / "copy"
    with open(disk, "rb") as source, open(copy, "wb") as into:
        source.seek(START)
        while piece := source.read(1 << 20):
            into.write(piece)
    found = {}
    with mounted_ntfs(copy, work / "m", "ro") as top:
        for path in sorted(top.rglob("*")):
            if path.is_file():
                found[str(path.relative_to(top))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def test_a_medium_boots_cleans_powers_off_and_undoes(desk: Desk, volume: Path, tmp_path: Path) -> None:
    with mounted_ntfs(volume, tmp_path / "m") as top:
        assert desk.run("scan", "--root", top, "-o", tmp_path / "r.json").code == 1
        assert desk.run("plan", tmp_path / "r.json", "-o", tmp_path / "plan.json").code == 0
    plan = msgspec.json.decode((tmp_path / "plan.json").read_bytes(), type=Plan)
    assert len(plan.actions) >= 6
    medium = tmp_path / "medium.iso"
    words = ("--plan", tmp_path / "plan.json", "--approve", plan.digest, "--kernel", fetch_kernel())
    assert desk.run("rescue", "build", *words, "-o", medium).code == 0
    disk = make_disk(volume, tmp_path / "disk.raw")
    before = digests(disk, tmp_path)

    said = boot(medium, disk)
    assert f"{len(plan.actions)} changes done and verified" in said
    answer = desk.run("rescue", "result", "--json", medium)
    assert answer.code == 0
    told = desk.run("rescue", "result", medium).out
    assert f"{len(plan.actions)} changes done and verified" in told
    assert set(msgspec.json.decode(answer.out)["done"]) == {action.id for action in plan.actions}
    assert not [
        name for name in digests(disk, tmp_path) if name.endswith(("root.exe", "/explorer.exe")) and "WINNT" not in name
    ]
    run("dd", f"if={disk}", f"of={volume}", "bs=1M", "skip=1", f"count={volume.stat().st_size >> 20}", "conv=notrunc")
    with mounted_ntfs(volume, tmp_path / "m") as top:
        report = msgspec.json.decode(desk.run("scan", "--root", top, "--json").out)
        assert [
            one for one in report["findings"] if one["confidence"] != "suspicious" and one["layer"] != "patches"
        ] == []

    assert f"{len(plan.actions)} changes undone" in boot(medium, disk, entry=UNDO)
    assert digests(disk, tmp_path) == before
