import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath
from codered.model.plan import Plan, ProcessState
from codered.model.target import TargetInfo
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from codered.remediate.processes import read_facts
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line, make_planted
from tests.fixtures.packs_for_plans import make_report


class LiveFolder(FolderTarget):
    """A folder that says it is the running host."""

    @property
    def info(self) -> TargetInfo:
        return replace(super().info, kind="live_linux")


@pytest.fixture
def live(root: Path) -> LiveFolder:
    return LiveFolder(root)


@pytest.fixture
def child(root: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A child of the test that runs a copy of sleep below the root."""
    shutil.copy("/bin/sleep", root / "www/inert")
    started = subprocess.Popen([root / "www/inert", "60"])
    yield started
    started.kill()
    started.wait()


def find_process(child: "subprocess.Popen[bytes]", path: Path) -> Finding:
    facts = read_facts(child.pid)
    assert facts is not None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    subject = Subject(kind="process", path=str(path), pid=child.pid, start=facts.start, key="inert")
    return make_planted(subject, (Evidence(what="its program", sha256=digest, source="file"),), remedy="stop_process")


def plan_for(target: FolderTarget, *findings: Finding, owner: str | None = "", suspicious: bool = False) -> Plan:
    def owner_of(_: FilePath) -> str | None:
        return owner

    wishes = Wishes(owner_of=owner_of, include_suspicious=suspicious)
    return make_plan(make_report(target, *findings), (), target, wishes)


def test_a_process_is_ended_and_its_program_goes(
    root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]"
) -> None:
    finding = find_process(child, root / "www/inert")
    memory = replace(finding, id="m", subject=replace(finding.subject, kind="memory", path=None, address="0x1000"))
    plan = plan_for(live, finding, memory)
    stop, clean = plan.actions
    assert (stop.kind, clean.kind) == ("stop_process", "quarantine_file")
    assert isinstance(stop.expects, ProcessState)
    assert (stop.expects.pid, stop.expects.state, stop.undoable) == (child.pid, "running", False)
    assert stop.expects.command.endswith("inert 60")
    assert set(stop.findings) == {finding.id, "m"}
    assert (stop.path.text, stop.shown) == (str(root / "www/inert"), f"process {child.pid} (inert)")
    assert clean.path == stop.path
    assert plan.left_alone == ()
    assert any("does not start the 1 ended processes again" in line for line in plan.advice)


@pytest.mark.parametrize("owner", ["inert-package", None])
def test_a_program_that_may_be_a_packages_stays(
    root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]", owner: str | None
) -> None:
    plan = plan_for(live, find_process(child, root / "www/inert"), owner=owner)
    assert [action.kind for action in plan.actions] == ["stop_process"]


def test_a_program_that_is_another_file_now_stays(
    root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]"
) -> None:
    finding = find_process(child, root / "www/inert")
    (root / "www/inert").unlink()
    assert [action.kind for action in plan_for(live, finding).actions] == ["stop_process"]
    (root / "www/inert").write_bytes(b"something else")
    assert [action.kind for action in plan_for(live, finding).actions] == ["stop_process"]
    nowhere = replace(finding, subject=replace(finding.subject, path="/memfd:inert"))
    assert [action.kind for action in plan_for(live, nowhere).actions] == ["stop_process"]


def left(plan: Plan) -> str:
    assert plan.actions == ()
    (item,) = plan.left_alone
    return item.because


def test_what_is_left_running_and_why(
    root: Path, target: FolderTarget, live: LiveFolder, child: "subprocess.Popen[bytes]"
) -> None:
    finding = find_process(child, root / "www/inert")
    subject = finding.subject
    assert "only on the running host" in left(plan_for(target, finding))
    own = replace(finding, subject=replace(subject, pid=os.getpid()))
    assert "it runs this tool" in left(plan_for(live, own))
    assert "first process" in left(plan_for(live, replace(finding, subject=replace(subject, pid=1))))
    reused = replace(finding, subject=replace(subject, start=1))
    assert "it is gone" in left(plan_for(live, reused))
    no_start = replace(finding, subject=replace(subject, start=None))
    assert "which process it is" in left(plan_for(live, no_start))
    assert "only suspicious" in left(plan_for(live, replace(finding, confidence="suspicious")))
    assert "decide yourself" in left(plan_for(live, replace(finding, remedy="")))


def test_a_suspicious_process_keeps_its_program(root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]") -> None:
    finding = replace(find_process(child, root / "www/inert"), confidence="suspicious")
    plan = plan_for(live, finding, suspicious=True)
    assert [action.kind for action in plan.actions] == ["stop_process"]


def test_process_program_and_crontab_in_one_go(
    root: Path, live: LiveFolder, case: Path, child: "subprocess.Popen[bytes]"
) -> None:
    (root / "etc").mkdir()
    (root / "etc/crontab").write_bytes(b"# mine\n* * * * * root /inert\n")
    before = hash_tree(root)
    cron = find_line(live, "etc/crontab", b"* * * * * root /inert")
    plan = plan_for(live, cron, find_process(child, root / "www/inert"))
    assert [action.kind for action in plan.actions] == ["stop_process", "quarantine_file", "remove_line"]
    apply_plan(plan, live, case)
    assert child.wait(timeout=10) == -signal.SIGKILL
    assert (root / "etc/crontab").read_bytes() == b"# mine\n"
    assert not (root / "www/inert").exists()
    roll_back(plan, live, case)
    assert hash_tree(root) == before


def test_another_program_in_the_same_process(root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]") -> None:
    finding = find_process(child, root / "www/inert")
    other = replace(finding, evidence=(Evidence(what="the program", sha256="0" * 64, source="program"),))
    assert "another program" in left(plan_for(live, other))
    plan = plan_for(live, finding, owner="inert-package")
    assert "of the package inert-package: start it again" in plan.actions[0].because


def test_nobody_starts_a_shell_again(root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]") -> None:
    (root / "bin").mkdir()
    shell = root / "bin/dash"
    shutil.copy(root / "www/inert", shell)
    finding = find_process(child, root / "www/inert")
    there = replace(finding, subject=replace(finding.subject, path=str(shell)))
    assert "start it again" not in plan_for(live, there, owner="dash").actions[0].because


def test_what_is_gone_is_told_once(root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]") -> None:
    finding = find_process(child, root / "www/inert")
    gone = replace(finding, subject=replace(finding.subject, start=1))
    doubted = replace(gone, id="b", confidence="suspicious")
    assert left(plan_for(live, doubted, gone)) == "it is gone, since the scan"


def test_the_script_that_a_process_is_blamed_for_goes_with_it(
    live: LiveFolder, root: Path, child: "subprocess.Popen[bytes]"
) -> None:
    script = root / "www/run.sh"
    script.write_text("inert\n")
    finding = find_process(child, root / "www/inert")
    blamed = (Evidence(what="its script", data=os.fsencode(script), source="script"),)
    plan = plan_for(live, replace(finding, evidence=(*finding.evidence, *blamed)))
    assert [(action.kind, os.path.basename(action.path.text)) for action in plan.actions] == [
        ("stop_process", "inert"),
        ("quarantine_file", "inert"),
        ("quarantine_file", "run.sh"),
    ]
    owned = plan_for(live, replace(finding, evidence=(*finding.evidence, *blamed)), owner="a-package")
    assert [action.kind for action in owned.actions] == ["stop_process"]


def test_no_script_goes_for_a_suspicion_or_from_elsewhere(
    live: LiveFolder, root: Path, child: "subprocess.Popen[bytes]"
) -> None:
    finding = find_process(child, root / "www/inert")
    for data in (b"/etc/hostname", b"/not/there", os.fsencode(root / "www/none")):
        blamed = (Evidence(what="its script", data=data, source="script"),)
        plan = plan_for(live, replace(finding, evidence=(*finding.evidence, *blamed)))
        assert [action.kind for action in plan.actions] == ["stop_process", "quarantine_file"]


def test_what_the_machine_needs_is_left_with_advice(root: Path, live: LiveFolder) -> None:
    """A web server that holds a worm's request is no worm; the shell below it may be ended."""
    server = root / "usr/sbin/nginx"
    server.parent.mkdir(parents=True)
    shutil.copy("/bin/sleep", server)
    with subprocess.Popen([server, "60"]) as running:
        try:
            found = replace(find_process(running, server), confidence="confirmed")
            memory = replace(found, id="m", subject=replace(found.subject, kind="memory", path=None, address="0x1"))
            plan = plan_for(live, found, memory, owner="nginx", suspicious=True)
        finally:
            running.kill()
    assert left(plan).startswith("it is never ended: it serves the web: remove what made it suspect, then restart")


def test_a_packages_tool_that_scans_is_left_to_a_person(
    root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]"
) -> None:
    finding = replace(find_process(child, root / "www/inert"), layer="network", confidence="confirmed")
    assert [action.kind for action in plan_for(live, finding).actions] == ["stop_process", "quarantine_file"]
    plan = plan_for(live, finding, owner="nmap")
    assert not plan.actions
    assert "package nmap" in plan.left_alone[0].because


def test_an_interpreter_that_scans_is_ended_and_stays_on_the_disk(
    root: Path, live: LiveFolder, child: "subprocess.Popen[bytes]"
) -> None:
    (root / "usr/bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "www/inert", root / "usr/bin/python3.11")
    finding = find_process(child, root / "www/inert")
    subject = replace(finding.subject, path=str(root / "usr/bin/python3.11"))
    for owner in ("python3.11-minimal", "", None):
        plan = plan_for(live, replace(finding, layer="network", subject=subject), owner=owner)
        assert [action.kind for action in plan.actions] == ["stop_process"], owner
