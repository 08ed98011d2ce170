from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import PackageState, Plan
from codered.model.target import TargetInfo
from codered.remediate.journal import Progress
from codered.respond import reboots
from codered.respond.reboots import list_reboot_reasons, mark_boot
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_pack

DONE = {f"a{n}": Progress(event="verified", in_effect=True) for n in range(3)}


class RunningTarget(FolderTarget):
    """A folder that says it is a running host."""

    @property
    def info(self) -> TargetInfo:
        return TargetInfo(kind="live_linux", root=super().info.root, offers=("files", "processes"))


@pytest.fixture
def running(target: FolderTarget) -> RunningTarget:
    return RunningTarget(Path(target.info.root))


def with_path(plan: Plan, target: FolderTarget, rel: str) -> Plan:
    action = replace(plan.actions[0], path=FilePath(f"{target.info.root}/{rel}"))
    return replace(plan, actions=(action,))


@pytest.mark.parametrize(
    ("rel", "word"),
    [
        ("etc/ld.so.preload", "ld.so.preload"),
        ("lib/modules/6.1/evil.ko", "kernel module"),
        ("etc/modules-load.d/x.conf", "kernel module"),
        ("boot/initrd.img", "before the system"),
        ("var/www/html/x.php", ""),
    ],
)
def test_what_only_a_start_makes_sure(plan: Plan, running: RunningTarget, tmp_path: Path, rel: str, word: str) -> None:
    reasons = list_reboot_reasons(with_path(plan, running, rel), (), running, DONE, tmp_path)
    assert bool(reasons) == bool(word)
    assert all(word in reason for reason in reasons)


@pytest.mark.parametrize(("name", "due"), [("libc6", True), ("linux-image-6.1.0-9-amd64", True), ("wordpress", False)])
def test_upgrades_that_need_a_start(plan: Plan, running: RunningTarget, tmp_path: Path, name: str, due: bool) -> None:
    upgrade = PackageState(manager="dpkg", name=name, architecture="amd64", version="2")
    action = replace(plan.actions[0], kind="upgrade_package", upgrade=upgrade)
    assert bool(list_reboot_reasons(replace(plan, actions=(action,)), (), running, DONE, tmp_path)) is due


def test_a_pack_that_says_so(plan: Plan, running: RunningTarget, tmp_path: Path) -> None:
    packs = (make_pack("one", {"x": "quarantine_file"}),)
    of_one = replace(plan, actions=(replace(plan.actions[0], pack="one"),))
    assert list_reboot_reasons(of_one, packs, running, DONE, tmp_path)
    assert not list_reboot_reasons(plan, packs, running, DONE, tmp_path)
    assert not list_reboot_reasons(of_one, packs, running, {}, tmp_path)  # nothing was done yet


def test_what_does_not_run_is_not_started_anew(plan: Plan, target: FolderTarget, tmp_path: Path) -> None:
    assert not list_reboot_reasons(with_path(plan, target, "etc/ld.so.preload"), (), target, DONE, tmp_path)


def test_after_a_start_nothing_is_due(
    plan: Plan, running: RunningTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = with_path(plan, running, "etc/ld.so.preload")
    mark_boot(tmp_path)
    assert list_reboot_reasons(due, (), running, DONE, tmp_path)
    monkeypatch.setattr(reboots, "read_boot", lambda: "another-boot")
    assert not list_reboot_reasons(due, (), running, DONE, tmp_path)
    (tmp_path / "boot").write_bytes(b"")
    assert list_reboot_reasons(due, (), running, DONE, tmp_path)
