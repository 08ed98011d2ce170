from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import LinksState, LinkState, Plan, ProcessState
from codered.model.report import Report
from codered.model.target import Place, Target
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
