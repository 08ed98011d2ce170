from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.collect.process_identity import read_stat
from codered.evidence.container import DiskFull, EvidenceContainer
from codered.evidence.reading import list_containers, read_item
from codered.evidence.standalone_verifier import verify_container
from codered.model.errors import Refused
from codered.model.plan import Plan, ProcessState, seal_plan
from codered.scan import evidence_gathering
from codered.scan.evidence_gathering import EvidenceProgress, EvidenceWishes, collect_for_plan, estimate_evidence
from codered.scan.evidence_processes import read_boot_id
from codered.targets import open_target
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.evidence import read_manifest
from tests.fixtures.memory_children import MARK, child

BODY = b"inert marker of the plan"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "x.php").write_bytes(BODY)
    return folder


@pytest.fixture
def plan(root: Path) -> Plan:
    target = FolderTarget(root)
    return make_sealed_plan(target, make_action(target, "x.php"))


@pytest.fixture
def wishes(tmp_path: Path) -> EvidenceWishes:
    return EvidenceWishes(folder=tmp_path / "evidence", key=tmp_path / "key", by="anna", authority="case 7")


def test_what_a_plan_names_is_kept_with_the_plan(root: Path, plan: Plan, wishes: EvidenceWishes) -> None:
    told: list[EvidenceProgress] = []
    summary = collect_for_plan(plan, None, open_target(str(root)), wishes, told.append)
    folder = Path(summary.folder)
    assert verify_container(summary.folder, head=summary.head).problems == []
    manifest = read_manifest(folder)
    assert [item.origin.kind for item in manifest.items] == ["file", "plan"]
    assert read_item(folder, manifest.items[0]) == BODY
    assert manifest.heading.plan_id == plan.id
    assert (manifest.heading.by, manifest.heading.authority) == ("anna", "case 7")
    assert (summary.items, summary.complete) == (2, True)
    assert "this is no running system" in {left.because for left in summary.left_out}
    assert [now.stage for now in told] == ["files", "logs", "the state of the system", "done"]
    assert estimate_evidence(plan, None, open_target(str(root))) >= len(BODY)


def test_of_a_running_host_what_is_gone_first_comes_first(root: Path, plan: Plan, wishes: EvidenceWishes) -> None:
    with child("buffer = mmap.mmap(-1, 4096)\nplace(buffer, 100)\nwhere = address(buffer)") as (who, _):
        state = ProcessState(
            pid=who.pid, start=read_stat(f"/proc/{who.pid}").start, boot=read_boot_id(), state="running"
        )
        action = replace(plan.actions[0], id="p", expects=state)
        target = open_target()
        live = seal_plan(replace(plan, target=target.info, actions=(*plan.actions, action)))
        summary = collect_for_plan(live, None, target, wishes)
    manifest = read_manifest(Path(summary.folder))
    kinds = list(dict.fromkeys(item.origin.kind for item in manifest.items))
    early = ["host", "processes", "sockets", "process", "program", "memory", "memory-runs", "file"]
    assert kinds[: len(early)] == early
    assert kinds.index("file") < kinds.index("autostart") < kinds.index("mounts")
    memory = next(item for item in manifest.items if item.origin.kind == "memory")
    assert MARK in read_item(Path(summary.folder), memory)
    assert manifest.heading.boot == read_boot_id()


def test_more_than_the_budget_is_refused_before_anything_is_made(
    root: Path, plan: Plan, wishes: EvidenceWishes
) -> None:
    with pytest.raises(Refused, match=r"the budget is 10; nothing was collected — raise it with --budget|budget"):
        collect_for_plan(plan, None, open_target(str(root)), replace(wishes, budget=10))
    assert not wishes.folder.exists()


def test_a_disk_without_room_is_refused(
    root: Path, plan: Plan, wishes: EvidenceWishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_gathering, "BALLAST", 1 << 60)
    with pytest.raises(Refused, match="the disk has"):
        collect_for_plan(plan, None, open_target(str(root)), wishes)
    assert not wishes.folder.exists()


def test_a_disk_that_fills_up_ends_it_sealed(
    root: Path, plan: Plan, wishes: EvidenceWishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise DiskFull("No space left on device")

    monkeypatch.setattr(evidence_gathering, "collect_logs", fill)
    summary = collect_for_plan(plan, None, open_target(str(root)), wishes)
    assert (summary.complete, summary.ended, summary.items) == (False, "no room: No space left on device", 1)
    assert verify_container(summary.folder).problems == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_ctrl_c_seals_what_is_there_and_a_bug_does_not(
    root: Path, plan: Plan, wishes: EvidenceWishes, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def stop(_container: EvidenceContainer, *_: object) -> None:
        raise error

    monkeypatch.setattr(evidence_gathering, "collect_logs", stop)
    with pytest.raises(error):
        collect_for_plan(plan, None, open_target(str(root)), wishes)
    (folder,) = list_containers(wishes.folder)
    verdict = verify_container(str(folder))
    if error is KeyboardInterrupt:
        assert verdict.problems == []
        assert "INCOMPLETE: interrupted" in verdict.notes
    else:
        assert "unfinished: it was never sealed" in verdict.problems


def test_a_second_name_of_a_password_file_needs_include_secrets(root: Path, plan: Plan, wishes: EvidenceWishes) -> None:
    (root / "etc").mkdir()
    (root / "x.php").rename(root / "etc/shadow")
    (root / "var/log").mkdir(parents=True)
    (root / "x.php").hardlink_to(root / "etc/shadow")
    (root / "var/log/auth.log").hardlink_to(root / "etc/shadow")
    summary = collect_for_plan(plan, None, open_target(str(root)), wishes)
    assert not {item.origin.kind for item in read_manifest(Path(summary.folder)).items} & {"file", "log"}
    summary = collect_for_plan(plan, None, open_target(str(root)), replace(wishes, include_secrets=True))
    assert [item.origin.kind for item in read_manifest(Path(summary.folder)).items][:2] == ["file", "log"]
