import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan, seal_plan
from codered.rescue import running
from codered.rescue.building import Identity
from codered.rescue.disks import Partition, read_serial
from codered.targets import open_target
from tests.fixtures.changing import make_action, make_sealed_plan
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.rescue_media import UUID, make_state_image

BAD = "inetpub/scripts/root.exe"


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(running, "STATE", tmp_path / "mounted-state")
    monkeypatch.setattr(running, "OWN", tmp_path / "identity.json")
    monkeypatch.setattr(running, "VOLUMES", tmp_path / "volumes")
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "mounted-state/codered"))
    yield
    subprocess.run(["umount", str(tmp_path / "mounted-state")], capture_output=True, check=False)


def lay_out(folder: Path, name: str, content: bytes) -> Path:
    volume = make_ntfs(folder / name, 8 << 20)
    with mounted_ntfs(volume, folder / "m") as top:
        (top / BAD).parent.mkdir(parents=True)
        (top / BAD).write_bytes(content)
    with open(volume, "r+b") as file:  # mkntfs gives two volumes of one second the same number
        file.seek(0x48)
        file.write(name.encode().ljust(8, b"\0"))
    return volume


def plan_for(volume: Path, at: Path) -> Plan:
    with mounted_ntfs(volume, at):
        target = open_target(str(at))
        try:
            return make_sealed_plan(target, make_action(target, BAD))
        finally:
            target.close()  # type: ignore[attr-defined]


def make_medium(folder: Path, plan: Plan | None, digest: str = "") -> Partition:
    content = folder / "content"
    content.mkdir()
    if plan is not None:
        (content / "plan.json").write_bytes(msgspec.json.encode(plan))
    identity = Identity(partition=UUID, digest=(digest or plan.digest) if plan else "")
    running.OWN.write_bytes(msgspec.json.encode(identity))
    return Partition(str(make_state_image(content, folder / "state.img")), 3, "", UUID)


def partition_of(volume: Path, number: int = 1) -> Partition:
    with open(volume, "rb") as file:
        return Partition(str(volume), number, read_serial(file.read(4096)), "")


def is_there(volume: Path, at: Path) -> bool:
    with mounted_ntfs(volume, at, "ro") as top:
        return (top / BAD).exists()


def test_the_volume_of_the_plan_is_found_cleaned_and_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, wanted = lay_out(tmp_path, "other", b"another root.exe"), lay_out(tmp_path, "wanted", b"INERT MARKER")
    plan = plan_for(wanted, tmp_path / "m")
    parts = (make_medium(tmp_path, plan), partition_of(other), partition_of(wanted, 2))
    monkeypatch.setattr(running, "list_partitions", lambda: parts)
    said: list[str] = []
    done = running.carry_out(said.append, running.tell_step(said.append))
    assert done.said == ""
    assert (done.exit_code, done.done, done.volumes) == (0, ("a01",), {"": parts[2].serial})
    assert f"the volume is {wanted}" in said[0]
    assert (is_there(other, tmp_path / "m"), is_there(wanted, tmp_path / "m")) == (True, False)
    kept = msgspec.json.decode((running.STATE / "result.json").read_bytes(), type=running.Result)
    assert kept == done
    subprocess.run(["umount", str(running.STATE)], check=True)
    back = running.carry_out(said.append, running.tell_step(said.append), undo_it=True)
    assert (back.exit_code, back.undone) == (0, ("a01",))
    assert is_there(wanted, tmp_path / "m")
    assert not os.listdir(tmp_path / "volumes")


def test_a_copy_of_the_volume_beside_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = lay_out(tmp_path, "v", b"INERT MARKER")
    copy = tmp_path / "copy"
    copy.write_bytes(volume.read_bytes())
    parts = (make_medium(tmp_path, plan_for(volume, tmp_path / "m")), partition_of(volume), partition_of(copy))
    monkeypatch.setattr(running, "list_partitions", lambda: parts)
    assert "the same serial number" in running.carry_out(print, running.tell_step(print)).said
    assert is_there(volume, tmp_path / "m")


def test_where_nothing_is_as_the_plan_expects_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = lay_out(tmp_path, "v", b"INERT MARKER")
    plan = plan_for(volume, tmp_path / "m")
    with mounted_ntfs(volume, tmp_path / "m") as top:
        (top / BAD).write_bytes(b"changed since")
    monkeypatch.setattr(running, "list_partitions", lambda: (make_medium(tmp_path, plan), partition_of(volume)))
    done = running.carry_out(print, running.tell_step(print))
    assert done.exit_code == 4
    assert "no volume here is as the plan expects" in done.said
    assert is_there(volume, tmp_path / "m")


@pytest.mark.parametrize(("digest", "says"), [("sha256:0", "is not the one that was approved"), ("", "changed after")])
def test_a_plan_that_is_not_the_approved_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digest: str, says: str
) -> None:
    volume = lay_out(tmp_path, "v", b"INERT MARKER")
    plan = plan_for(volume, tmp_path / "m")
    if not digest:
        plan = replace(plan, advice=("added by somebody",))
    monkeypatch.setattr(running, "list_partitions", lambda: (make_medium(tmp_path, plan, digest), partition_of(volume)))
    with pytest.raises(Refused, match=says):
        running.carry_out(print, running.tell_step(print))
    assert is_there(volume, tmp_path / "m")


def test_a_medium_without_a_plan_or_without_its_partition_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "list_partitions", lambda: ())
    with pytest.raises(WrongUse, match="does not know itself"):
        running.carry_out(print, running.tell_step(print))
    running.OWN.write_bytes(msgspec.json.encode(Identity(partition=UUID)))
    with pytest.raises(WrongUse, match="its own partition is not there"):
        running.carry_out(print, running.tell_step(print))
    monkeypatch.setattr(running, "list_partitions", lambda: (make_medium(tmp_path, None),))
    with pytest.raises(WrongUse, match="no plan is on it"):
        running.carry_out(print, running.tell_step(print))


def test_actions_are_split_by_the_volume_they_are_on(tmp_path: Path) -> None:
    (tmp_path / "p1").mkdir()
    (tmp_path / "p1/a").write_bytes(b"a")
    (tmp_path / "p2").mkdir()
    (tmp_path / "p2/b").write_bytes(b"b")
    (tmp_path / "c").write_bytes(b"c")
    target = open_target(str(tmp_path))
    plan = make_sealed_plan(
        target, *(make_action(target, name, id_=f"a{n}") for n, name in enumerate(("p1/a", "p2/b")))
    )
    volumes = tuple(replace(plan.target.volumes[0], prefix=name) for name in ("p1", "p2"))
    plan = seal_plan(replace(plan, target=replace(plan.target, volumes=volumes)))
    assert {prefix: len(actions) for prefix, actions in running._split(plan).items()} == {"p1": 1, "p2": 1}
    one, two = Partition("a", 1, "s", ""), Partition("b", 2, "t", "")
    assert running._order("p2", [one, two]) == [two, one]
