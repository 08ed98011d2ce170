import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Finding
from codered.model.paths import FilePath
from codered.model.plan import LinksState, Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import OwnerOf, Wishes
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_whole
from tests.fixtures.packs_for_plans import make_report

UNIT = "etc/systemd/system/inert.service"
WANTS = "etc/systemd/system/multi-user.target.wants/inert.service"
BODY = b"[Service]\nExecStart=/tmp/inert-marker\n"


@pytest.fixture
def units(root: Path) -> Path:
    folder = root / "etc/systemd/system"
    (folder / "multi-user.target.wants").mkdir(parents=True)
    (folder / "inert.service").write_bytes(BODY)
    (root / WANTS).symlink_to("/etc/systemd/system/inert.service")
    os.utime(root / WANTS, ns=(1_000_000_001, 1_000_000_002), follow_symlinks=False)
    for path in (folder / "multi-user.target.wants", folder):
        os.utime(path, ns=(2_000_000_001, 2_000_000_002))
    return folder


def nobody(_: FilePath) -> str | None:
    return ""


def plan_for(target: FolderTarget, *findings: Finding, owner_of: OwnerOf = nobody) -> Plan:
    return make_plan(make_report(target, *findings), (), target, Wishes(owner_of=owner_of))


def test_a_planted_unit_is_removed_and_masked(root: Path, target: FolderTarget, case: Path, units: Path) -> None:
    before = hash_tree(root)
    plan = plan_for(target, find_whole(target, UNIT, key="systemd", remedy="remove_service", links=(WANTS,)))
    assert [action.kind for action in plan.actions] == ["quarantine_file", "disable_service"]
    apply_plan(plan, target, case)
    assert os.readlink(units / "inert.service") == "/dev/null"
    assert not os.path.lexists(root / WANTS)
    roll_back(plan, target, case)
    assert hash_tree(root) == before
    assert (root / WANTS).lstat().st_mtime_ns == 1_000_000_002


def test_drop_ins_go_with_their_unit(root: Path, target: FolderTarget, case: Path, units: Path) -> None:
    (units / "inert.service.d").mkdir()
    (units / "inert.service.d/more.conf").write_bytes(b"[Service]\n")
    (units / "inert.service.d/link.conf").symlink_to("more.conf")
    plan = plan_for(target, find_whole(target, UNIT, key="systemd", remedy="remove_service", links=(WANTS,)))
    apply_plan(plan, target, case)
    assert os.listdir(units / "inert.service.d") == ["link.conf"]


def test_a_packages_unit_stays_and_is_masked(root: Path, target: FolderTarget, case: Path, units: Path) -> None:
    (root / "lib/systemd/system").mkdir(parents=True)
    (root / "lib/systemd/system/inert.timer").write_bytes(BODY)
    before = hash_tree(root)
    finding = find_whole(target, "lib/systemd/system/inert.timer", key="systemd", remedy="remove_service")
    plan = plan_for(target, finding, owner_of=lambda _: "inert-package")
    assert [action.kind for action in plan.actions] == ["disable_service"]
    apply_plan(plan, target, case)
    assert os.readlink(units / "inert.timer") == "/dev/null"
    assert (root / "lib/systemd/system/inert.timer").read_bytes() == BODY
    again = plan_for(target, finding, owner_of=lambda _: "inert-package")
    assert again.left_alone[0].because == "it is switched off already"
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_a_drop_in_of_another_unit_goes_alone(root: Path, target: FolderTarget, units: Path) -> None:
    (units / "ssh.service.d").mkdir()
    (units / "ssh.service.d/x.conf").write_bytes(b"[Service]\nExecStartPost=/tmp/inert\n")
    rel = "etc/systemd/system/ssh.service.d/x.conf"
    finding = find_whole(target, rel, key="systemd", remedy="remove_service")
    (action,) = plan_for(target, finding).actions
    assert (action.kind, action.shown) == ("quarantine_file", f"/{rel}")
    owned = plan_for(target, finding, owner_of=lambda _: "ssh")
    assert "a package's own drop-in" in owned.left_alone[0].because


def test_an_init_script_and_its_links(root: Path, target: FolderTarget, case: Path) -> None:
    links = ("etc/rc2.d/S01inert", "etc/rc3.d/S01inert")
    (root / "etc/init.d").mkdir(parents=True)
    (root / "etc/init.d/inert").write_bytes(b"#!/bin/sh\n")
    for link in links:
        (root / link).parent.mkdir()
        (root / link).symlink_to("../init.d/inert")
    before = hash_tree(root)
    plan = plan_for(target, find_whole(target, "etc/init.d/inert", key="init", remedy="remove_service", links=links))
    assert [action.kind for action in plan.actions] == ["quarantine_file", "disable_service"]
    apply_plan(plan, target, case)
    assert not any(os.path.lexists(root / link) for link in (*links, "etc/init.d/inert"))
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_a_unit_that_is_a_link_loses_its_link(root: Path, target: FolderTarget, case: Path, units: Path) -> None:
    (root / "opt").mkdir()
    (root / "opt/linked.service").write_bytes(BODY)
    (units / "linked.service").symlink_to("/opt/linked.service")
    finding = find_whole(target, UNIT, key="systemd", remedy="remove_service")
    rel = "etc/systemd/system/linked.service"
    (root / UNIT).unlink()
    subject = replace(finding.subject, path=f"{root}/{rel}", shown=f"/{rel}")
    plan = plan_for(target, replace(finding, subject=subject, evidence=()))
    (action,) = plan.actions
    assert isinstance(action.becomes, LinksState)
    apply_plan(plan, target, case)
    assert not os.path.lexists(units / "linked.service")
    assert (root / "opt/linked.service").exists()


def test_a_mask_that_is_taken_is_not_written_over(root: Path, target: FolderTarget, units: Path) -> None:
    (root / "lib/systemd/system").mkdir(parents=True)
    (root / "lib/systemd/system/inert.service").write_bytes(BODY)
    finding = find_whole(target, "lib/systemd/system/inert.service", key="systemd", remedy="remove_service")
    assert [action.kind for action in plan_for(target, finding).actions] == ["quarantine_file"]


def test_applied_twice_it_knows_its_own_mask(root: Path, target: FolderTarget, case: Path, units: Path) -> None:
    plan = plan_for(target, find_whole(target, UNIT, key="systemd", remedy="remove_service", links=(WANTS,)))
    apply_plan(plan, target, case)
    again = apply_plan(plan, target, case)
    assert (again.already, again.left) == (True, ())
    (units / "inert.service").unlink()
    (units / "inert.service").symlink_to("/tmp/inert-marker")
    assert [item.because for item in apply_plan(plan, target, case).left] == ["its links are not the same"]
    (units / "inert.service").unlink()
    (units / "inert.service").write_bytes(BODY[:-1])
    told = [item.because for item in apply_plan(plan, target, case).left]
    assert told == ["something is there now", "its links are not the same"]
