from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.plan import Plan
from codered.remediate.comparing import UNREADABLE
from codered.respond import changing
from codered.system import leaving_files
from tests.fixtures.changing import FolderTarget


def test_whether_a_plan_is_in_effect(
    plan: Plan, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    assert not respond.was_applied(plan)
    assert respond.list_frozen(plan) == ()
    respond.apply(plan, target, lambda _: None)
    assert respond.was_applied(plan)
    respond.undo(plan, target, lambda _: None)
    assert not respond.was_applied(plan)
    (respond.case_folder(plan) / "journal.jsonl").write_bytes(b"damaged\n")
    assert respond.was_applied(plan)


def test_whether_a_plan_is_out_of_date(
    plan: Plan, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    assert not respond.is_outdated(plan, target)
    respond.apply(plan, target, lambda _: None)
    assert not respond.is_outdated(plan, target)  # it is done: going on, or undoing it, still works
    respond.undo(plan, target, lambda _: None)
    monkeypatch.setattr(changing, "look_at", lambda *_: (None, UNREADABLE))
    assert not respond.is_outdated(plan, target)
    monkeypatch.setattr(changing, "look_at", lambda *_: (None, "it is a folder now"))
    assert respond.is_outdated(plan, target)


def test_what_goes_at_the_next_start_is_that_of_a_running_windows(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving_files, "list_leaving", lambda: ("C:\\x",))
    assert respond.list_leaving(plan) == ()
    live = replace(plan, target=replace(plan.target, kind="live_windows"))
    assert respond.list_leaving(live) == ("C:\\x",)
    monkeypatch.setattr(leaving_files, "list_leaving", deny)
    assert respond.list_leaving(live) == ()


def deny() -> tuple[str, ...]:
    raise PermissionError
