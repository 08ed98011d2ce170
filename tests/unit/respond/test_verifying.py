from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import LinksState, LinkState, Plan, ProcessState
from codered.model.report import Look, Report
from codered.model.target import Place, Target
from codered.respond import verifying
from codered.respond.verifying import Scan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report


def test_plan_apply_verify_undo(target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    packs = (make_pack("one", {"root-exe": "quarantine_file"}),)
    report = make_report(target, make_finding(target, b"www/scripts/root.exe"))
    asked: list[tuple[Place, ...]] = []

    def scan(where: Target, with_packs: tuple[LoadedPack, ...], places: tuple[Place, ...]) -> Report:
        assert (where, with_packs) == (target, packs)
        asked.append(places)
        return replace(report, findings=())

    root = Path(target.info.root)
    before = hash_tree(root)
    plan = respond.make_plan(report, packs, target)
    assert respond.apply(plan, target, lambda _: None).done == ("a01",)
    assert (tmp_path / "state/cases" / plan.id / "journal.jsonl").is_file()
    assert respond.verify(plan, target, packs, scan).answer == "clean"
    assert asked == [(Place("places touched", (str(root / "www/scripts"),)),)]
    assert respond.undo(plan, target, lambda _: None).undone == ("a01",)
    assert hash_tree(root) == before


def test_places_touched_are_folders_once(plan: Plan, target: FolderTarget) -> None:
    root = target.info.root
    assert respond.places_touched(plan) == (Place("places touched", (f"{root}/www", f"{root}/wwwx")),)
    assert respond.places_touched(replace(plan, actions=())) == ()


def test_the_folders_of_links_are_touched_and_those_of_programs_are_not(plan: Plan, target: FolderTarget) -> None:
    root = target.info.root
    first = plan.actions[0]
    running = ProcessState(pid=77, start=1, boot="x", state="running")
    process = replace(first, kind="stop_process", path=FilePath("/usr/bin/python3"), expects=running)
    links = LinksState(links=(LinkState(path=FilePath(f"{root}/etc/rc2.d/S01x"), target=FilePath("../x")),))
    service = replace(first, kind="disable_service", path=FilePath(f"{root}/etc/init.d/x"), expects=links)
    (place,) = respond.places_touched(replace(plan, actions=(process, service)))
    assert place.paths == (f"{root}/etc/init.d", f"{root}/etc/rc2.d")
    assert respond.places_touched(replace(plan, actions=(process,))) == ()


@pytest.fixture
def applied(plan: Plan, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    respond.apply(plan, target, lambda _: None)
    return plan


def look(report: Report) -> Scan:
    return lambda _target, _packs, _places: report


def test_gaps_are_no_clean_answer(applied: Plan, target: FolderTarget) -> None:
    report = make_report(target)
    assert respond.verify(applied, target, (), look(report)).answer == "clean"
    gap = Look(layer="memory", where="memory of process 7", state="failed", why="denied")
    found = respond.verify(applied, target, (), look(replace(report, looks=(gap,))))
    assert (found.answer, "denied" in found.because) == ("incomplete", True)
    stopped = respond.verify(applied, target, (), look(replace(report, interrupted=True)))
    assert stopped.answer == "incomplete"


def test_a_finding_weighs_more_than_a_gap(applied: Plan, target: FolderTarget) -> None:
    report = replace(
        make_report(target, make_finding(target, b"www/scripts/root.exe")),
        looks=(Look(layer="files", where="/x", state="failed", why="denied"),),
    )
    found = respond.verify(applied, target, (), look(report))
    assert (found.answer, [each.kind for each in found.remnants]) == ("reinfected", ["reinfected", "incomplete"])


def test_a_damaged_case_is_said(applied: Plan, target: FolderTarget) -> None:
    (respond.case_folder(applied) / "journal.jsonl").write_bytes(b"damaged\n")
    found = respond.verify(applied, target, (), look(make_report(target)))
    assert (found.answer, found.remnants[0].what) == ("incomplete", "the case of the plan")


def test_a_rolled_back_plan_is_residual(applied: Plan, target: FolderTarget) -> None:
    respond.undo(applied, target, lambda _: None)
    assert respond.verify(applied, target, (), look(make_report(target))).answer == "residual"


def test_what_the_first_findings_pointed_to_is_looked_at(applied: Plan, target: FolderTarget) -> None:
    root = Path(target.info.root)
    (root / "opt").mkdir()
    (root / "opt/left").write_bytes(b"INERT")
    asked: list[tuple[Place, ...]] = []

    def scan(_target: Target, _packs: tuple[LoadedPack, ...], places: tuple[Place, ...]) -> Report:
        asked.append(places)
        return make_report(target)

    names = (b"opt/left", b"opt/gone", b"www/index.html", b"../outside")
    respond.verify(applied, target, (), scan, tuple(make_finding(target, name) for name in names))
    assert asked[0][1:] == (Place("what the first look pointed to", (str(root / "opt/left"),)),)


def test_a_start_that_is_due_keeps_it_open(
    applied: Plan, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "list_reboot_reasons", lambda *_: ("the old kernel runs",))
    found = respond.verify(applied, target, (), look(make_report(target)))
    assert (found.answer, found.reboot) == ("incomplete", ("the old kernel runs",))
    assert found.because == "a start of the host is due: the old kernel runs"


def test_what_goes_at_the_next_start_is_neither_clean_nor_back(
    applied: Plan, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = make_finding(target, b"opt/left")
    report = replace(make_report(target), findings=(finding,))
    assert respond.verify(applied, target, (), look(report)).answer in ("reinfected", "residual")
    assert finding.subject.path is not None
    path = finding.subject.path.upper()
    monkeypatch.setattr(verifying, "list_leaving", lambda _plan: (path,))
    found = respond.verify(applied, target, (), look(report))
    assert (found.answer, found.remnants) == ("incomplete", ())
    assert found.reboot == (f"{path} was in use and goes then",)


class Killed(BaseException):
    """As a kill would end it: nothing of ours runs afterwards."""


def test_a_broken_off_run_says_so_and_nothing_is_back_again(
    plan: Plan, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))

    def kill_at(event: str, number: int) -> respond.OnStep:
        def tell(step: respond.Step) -> None:
            if (step.event, step.number) == (event, number):
                raise Killed

        return tell

    report = make_report(target, make_finding(target, b"wwwx/a"))
    with pytest.raises(Killed):
        respond.apply(plan, target, kill_at("verified", 1))
    found = respond.verify(plan, target, (), look(report))
    told = "this apply was interrupted after 1 of 3 changes: apply again (or roll back)"
    assert (found.answer, found.because) == ("incomplete", told)
    assert {each.kind for each in found.remnants} == {"incomplete"}
    respond.apply(plan, target, lambda _: None)
    assert respond.verify(plan, target, (), look(make_report(target))).answer == "clean"
    with pytest.raises(Killed):
        respond.undo(plan, target, kill_at("undone", 3))
    found = respond.verify(plan, target, (), look(report))
    assert (found.answer, "a rollback was interrupted, 2 of 3 changes are left" in found.because) == (
        "incomplete",
        True,
    )
    respond.undo(plan, target, lambda _: None)
    assert respond.verify(plan, target, (), look(report)).answer == "residual"
