from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.model.finding import Finding, Subject
from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, LinkState, ProcessState, seal_plan
from codered.model.process import ProcessId
from codered.model.report import Report
from codered.model.target import TargetInfo
from codered.scan import evidence_subjects
from codered.scan.evidence_subjects import find_subjects
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan

WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_report(*findings: Finding) -> Report:
    return Report(
        id="r", tool="t", command=(), started=WHEN, seconds=0.0, target=TargetInfo(kind="live_linux", root="/"),
        scope=(), verdict="infected", findings=findings,
    )  # fmt: skip


def make_finding(subject: Subject, layer: str = "files", first: datetime | None = None) -> Finding:
    return Finding(
        id="f", pack="p", indicator="i", layer=layer, subject=subject, confidence="likely", severity="high",  # type: ignore[arg-type]
        because="b", first_seen=first,
    )  # fmt: skip


def test_a_plan_names_files_links_and_processes_of_this_boot(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    plan = make_sealed_plan(FolderTarget(tmp_path), make_action(FolderTarget(tmp_path), "x"))
    link = LinkState(path=FilePath("/etc/l"), target=FilePath("/t"))
    action = plan.actions[0]
    here = ProcessState(pid=7, start=8, boot="now", state="running")
    actions = (
        action,
        Action(id="b", kind="disable_service", path=FilePath("/u"), expects=LinksState(links=(link,)), because="b"),
        replace(action, id="c", expects=here, path=FilePath("/bin/x")),
        replace(action, id="d", expects=replace(here, pid=9, boot="then")),
    )
    found = find_subjects(seal_plan(replace(plan, actions=actions)), None, "now")
    assert found.files == (action.path, FilePath("/u"), FilePath("/etc/l"))
    assert found.processes == {ProcessId(7, 8): frozenset()}


def test_a_report_names_files_logs_and_places_in_memory() -> None:
    report = make_report(
        make_finding(Subject(kind="file", path="/a")),
        make_finding(Subject(kind="file", path="/log"), "logs", WHEN),
        make_finding(Subject(kind="directory", path="/d")),
        make_finding(Subject(kind="process", pid=3, start=4, path="/bin/p")),
        make_finding(Subject(kind="memory", pid=3, start=4, address="0x1000"), "memory"),
        make_finding(Subject(kind="memory", pid=3, start=4, address="2000"), "memory"),
        make_finding(Subject(kind="process", pid=5)),
    )
    found = find_subjects(None, report, "")
    assert found.files == (FilePath("/a"), FilePath("/bin/p"))
    assert found.logs == (FilePath("/log"),)
    assert found.processes == {ProcessId(3, 4): frozenset((0x1000, 0x2000))}
    assert found.since == WHEN - timedelta(hours=1)


def test_without_a_time_the_last_day_matters() -> None:
    since = find_subjects(None, None, "").since
    assert timedelta(hours=23) < datetime.now(UTC) - since < timedelta(hours=25)


@given(st.text(max_size=20), st.datetimes())
def test_forged_values_do_no_harm(address: str, when: datetime) -> None:
    report = make_report(make_finding(Subject(kind="memory", pid=1, start=1, address=address), "memory", when))
    found = find_subjects(None, report, "")
    assert all(0 <= one < 1 << 64 for one in found.processes[ProcessId(1, 1)])


def test_too_many_are_cut_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_subjects, "MOST_FILES", 2)
    monkeypatch.setattr(evidence_subjects, "MOST_PROCESSES", 1)
    findings = [make_finding(Subject(kind="process", path=f"/{n}", pid=n, start=1)) for n in range(4)]
    found = find_subjects(None, make_report(*findings), "")
    assert (len(found.files), len(found.processes)) == (2, 1)
    assert found.left_out == ("only 1 of 4 processes that are named", "only 2 of 4 files that are named")
