"""A plan on a disk image: made on it, checked, applied and rolled back in an overlay; the image stays as it is."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest
from dissect.ntfs import NTFS
from msgspec.structs import replace

from codered import respond
from codered.model.errors import Refused, WrongUse
from codered.model.finding import Finding, Subject
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget, TargetInfo
from codered.targets.image_overlay import opened_overlay
from codered.targets.images.evidence_hash import hash_evidence
from codered.targets.offline_root import OfflineRoot
from codered.targets.overlay.exporting import make_overlay
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.ntfs_files import dump, furnish
from tests.fixtures.ntfs_volumes import MIB, START, convert_disk, make_disk, make_ntfs, mounted_ntfs
from tests.fixtures.windows_roots import lay_out_windows2000


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TargetInfo:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(tmp_path / "cache"))
    volume = make_ntfs(tmp_path / "volume", 12 * MIB)
    with mounted_ntfs(volume, tmp_path / "m") as root:
        (root / "scripts").mkdir()
        (root / "scripts/Root long name.exe").write_bytes(b"INERT MARKER")
        furnish(root / "scripts/Root long name.exe")
    made = convert_disk(make_disk(volume, tmp_path / "disk.raw"), "vmdk")
    evidence = hash_evidence((os.fsencode(made),))
    return TargetInfo(kind="disk_image", root=str(made), system="windows", evidence=evidence)


def make_plan(info: TargetInfo) -> Plan:
    with respond.opened_for_planning(info) as target:
        assert target.info == info
        return make_sealed_plan(target, make_action(target, "p1/scripts/Root long name.exe"))


def read_by_another(overlay: Path, folder: Path) -> list[str]:
    """The names in the folder by an independent parser, of the disk that qemu makes of overlay and evidence."""
    raw = folder / "cleaned.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", str(overlay), str(raw)], check=True)
    with raw.open("rb") as file:
        volume = folder / "cleaned.volume"
        file.seek(START)
        volume.write_bytes(file.read(12 * MIB))
    with volume.open("rb") as file:
        return sorted(NTFS(file).mft.get("scripts").listdir())


def silent(_: respond.Step) -> None:
    pass


def test_there_and_back_in_the_overlay(tmp_path: Path, image: TargetInfo) -> None:
    before = hashlib.sha256(Path(image.root).read_bytes()).hexdigest()
    plan = make_plan(image)
    assert respond.overlay_file(plan) is None
    with respond.opened_for_plan(plan, write=False) as target:
        respond.check(plan, target)
    assert not respond.case_folder(plan).exists()  # a mere look begins no case
    with respond.opened_for_plan(plan, write=True) as target:
        assert respond.apply(plan, target, silent).done == ("a01",)
    overlay = respond.overlay_file(plan)
    assert overlay is not None
    assert read_by_another(overlay, tmp_path) == []
    with respond.opened_for_plan(plan, write=True) as target:  # again: nothing is left to do
        assert respond.apply(plan, target, silent).already
    with respond.opened_for_plan(plan, write=True) as target:
        assert respond.undo(plan, target, silent).undone == ("a01",)
    assert read_by_another(overlay, tmp_path)[-1] == "Root long name.exe"
    found = []
    for work in (overlay.parent, tmp_path / "plain"):
        with opened_overlay(image, work, write=False):
            found.append(dump(work / "mounted/p1/scripts/Root long name.exe"))
    assert found[0] == found[1]
    assert hashlib.sha256(Path(image.root).read_bytes()).hexdigest() == before
    assert "/mounted" not in Path("/proc/self/mountinfo").read_text()


def test_a_volume_that_cant_be_opened_never_looks_clean(image: TargetInfo) -> None:
    plan = make_plan(image)
    path = Path(image.root.replace(".vmdk", ".raw"))
    data = bytearray(path.read_bytes())
    data[START + 3 : START + 11] = b"-FVE-FS-"
    path.write_bytes(data)
    info = TargetInfo(kind="disk_image", root=str(path))
    moved = make_sealed_plan(FolderTarget(path), make_action(FolderTarget(path.parent), f"{path.name}/p1/x"))
    assert moved.actions[0].path.text == f"{path}/p1/x"
    locked = Plan(**{field: getattr(plan, field) for field in plan.__struct_fields__} | {
        "target": info, "actions": moved.actions})  # fmt: skip
    for write in (False, True):
        with pytest.raises(Refused, match=r"can't be opened: BitLocker"), respond.opened_for_plan(locked, write=write):
            pass


def test_a_plan_that_could_see_nothing_says_so_in_one_line(image: TargetInfo) -> None:
    """As where the kernel can't mount what the scan has read: nothing of it is gone."""
    path = Path(image.root.replace(".vmdk", ".raw"))
    data = bytearray(path.read_bytes())
    data[START + 48 : START + 56] = b"\xff" * 8  # where the table of files is
    path.write_bytes(data)
    info = TargetInfo(kind="disk_image", root=str(path))
    subject = Subject(kind="file", path=f"{path}/p1/scripts/x")
    about = Finding(
        id="f1", pack="x", indicator="x", layer="files", subject=subject, confidence="confirmed", severity="high",
        because="a test",
    )  # fmt: skip
    with pytest.raises(Refused) as told, respond.opened_for_planning(info, (about,)):
        pass
    assert told.value.where == f"{path}/p1"
    assert re.fullmatch(r"the volume can't be opened: .{10,}; nothing was touched", told.value.what)
    assert told.value.advice
    assert told.value.exit_code == 4
    with respond.opened_for_planning(info, ()) as target:  # nothing was found on it
        assert list_mounted(target) == []


def test_any_other_target_is_opened_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")
    target = FolderTarget(tmp_path)
    plan = make_sealed_plan(target, make_action(target, "file"))
    with respond.opened_for_plan(plan, write=True) as opened:
        assert opened.info.kind == "offline_root"
    with respond.opened_for_planning(target.info) as opened:
        assert os.listdir(opened.absolute(b"")) == [b"file"]
    assert respond.overlay_file(plan) is None
    (tmp_path / "plain").write_bytes(b"x")
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "plain/state"))
    info = TargetInfo(kind="disk_image", root=str(tmp_path / "file"))
    with pytest.raises(WrongUse, match="can't be made"), respond.opened_for_planning(info):
        pass


def test_only_the_volumes_that_are_named_are_mounted(image: TargetInfo) -> None:
    """Those of the findings for planning, those of the actions for applying; all for looking again."""
    plan = make_plan(image)
    subject = Subject(kind="file", path=f"{image.root}/p1/scripts/x")
    about = Finding(
        id="f1", pack="x", indicator="x", layer="files", subject=subject, confidence="confirmed", severity="high",
        because="a test",
    )  # fmt: skip
    elsewhere = replace(about, subject=replace(subject, path=f"{image.root}/p2/x"))
    for findings, mounted in (((about,), [b"p1"]), ((elsewhere,), []), ((), []), (None, [b"p1"])):
        with respond.opened_for_planning(image, findings) as target:
            assert list_mounted(target) == mounted
    empty = replace(plan, actions=())
    for chosen, whole, mounted in ((plan, False, [b"p1"]), (empty, False, []), (empty, True, [b"p1"])):
        with respond.opened_for_plan(chosen, write=False, whole=whole) as target:
            assert list_mounted(target) == mounted


def list_mounted(target: ChangeableTarget) -> list[bytes]:
    fd = target.open_dir(b"")
    try:
        return [os.fsencode(name) for name in os.listdir(fd)]
    finally:
        os.close(fd)


def test_a_folder_that_a_volume_was_mounted_on_is_told(tmp_path: Path) -> None:
    root = lay_out_windows2000(tmp_path / "root")
    target = OfflineRoot(str(root))
    plan = make_sealed_plan(target, make_action(target, "Inetpub/scripts/root.exe"))
    respond.check_there(plan)
    hives = root / "WINNT/system32/config"
    hives.rename(tmp_path / "kept")
    with pytest.raises(WrongUse, match=r"nothing is mounted there \(it was a Windows volume"):
        respond.check_there(plan)
    (tmp_path / "kept").rename(hives)
    root.rename(tmp_path / "unmounted")
    root.mkdir()
    for opened in (respond.opened_for_plan(plan, write=True), respond.opened_for_plan(plan, write=False)):
        with pytest.raises(WrongUse, match="nothing is mounted there"), opened:
            pass


def test_an_emptied_folder_is_no_missing_mount(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    target = FolderTarget(tmp_path)
    plan = make_sealed_plan(target, make_action(target, "file"))
    (tmp_path / "file").unlink()
    respond.check_there(plan)


def test_a_refused_apply_leaves_no_cleaned_disk(image: TargetInfo) -> None:
    plan = make_plan(image)
    seen = []

    def refuse() -> None:
        seen.append(respond.overlay_file(plan))
        raise Refused("the disk is full")

    with pytest.raises(Refused, match="the disk is full"), respond.opened_for_plan(plan, write=True):
        refuse()
    assert (seen[0] is not None, respond.overlay_file(plan)) == (True, None)


def test_a_sleeping_windows_in_an_image_is_named(tmp_path: Path, image: TargetInfo) -> None:
    with mounted_ntfs(tmp_path / "volume", tmp_path / "m") as root:
        (root / "hiberfil.sys").write_bytes(b"hibr" + bytes(8192))
    made = make_disk(tmp_path / "volume", tmp_path / "asleep.raw")
    plan = make_plan(TargetInfo(kind="disk_image", root=str(made), system="windows"))
    with pytest.raises(Refused, match=r"hiberfil\.sys.*shut it down fully"), respond.opened_for_plan(plan, write=True):
        pass
    assert respond.overlay_file(plan) is None


@pytest.mark.parametrize("below", [True, False])
def test_the_cleaned_disk_is_no_image_by_itself(tmp_path: Path, below: bool) -> None:
    folder = tmp_path / "cases" / "20010719-000000-abcdef" / "image"
    folder.mkdir(parents=True)
    image = tmp_path / "disk.raw"
    image.write_bytes(bytes(MIB))
    made = folder / "overlay.qcow2"
    make_overlay(made, str(image) if below else "", "raw", MIB)
    with pytest.raises(WrongUse) as refused:
        respond.refuse_cleaned_disk(made)
    assert refused.value.where == str(made)
    assert "codered verify PLAN looks at the whole, cleaned disk (plan 20010719-000000-abcdef)" in refused.value.advice
    assert (f"qemu-img convert -O raw {made} disk.raw" in refused.value.advice) == below  # else it would be zeros
    respond.refuse_cleaned_disk(image)
    other = made.rename(tmp_path / "overlay.qcow2")
    respond.refuse_cleaned_disk(other)
