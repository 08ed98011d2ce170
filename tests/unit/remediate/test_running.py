from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import NotRolledBack, RolledBack
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan
from codered.remediate.case_folder import open_case
from codered.remediate.running import Left, Run, Step, describe_left
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_sealed_plan


@pytest.fixture
def plan(target: FolderTarget) -> Plan:
    return make_sealed_plan(
        target, make_action(target, "www/scripts/root.exe"), make_action(target, "www/index.html", id_="a02")
    )


def leave(_: Step) -> None:
    """Nobody listens."""


def test_an_interrupted_action_on_a_touched_file_fails_and_is_left(
    plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    """A crash right after "begun"; then somebody writes into the file: neither ours to remove nor to bring back."""
    with open_case(case, plan, create=True) as folder:
        folder.journal.append("opened", plan_digest=plan.digest)
        folder.journal.append("begun", action="a01", backup="a01-" + "0" * 64)
    (root / "www/scripts/root.exe").write_bytes(b"touched")
    with pytest.raises(NotRolledBack, match=r"since an earlier run was interrupted; still changed: .*root\.exe"):
        apply_plan(plan, target, case)
    assert (root / "www/scripts/root.exe").read_bytes() == b"touched"
    assert (root / "www/index.html").read_bytes() == b"hello"


def test_a_change_that_does_not_hold_is_a_failure(
    plan: Plan, target: FolderTarget, case: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_tree(root)
    monkeypatch.setattr("codered.remediate.actions.quarantine_file.change", lambda *_: None)
    with pytest.raises(RolledBack, match=r"root\.exe: the change did not hold: something is there now"):
        apply_plan(plan, target, case)
    assert hash_tree(root) == before


def test_what_cannot_be_undone_is_said(target: FolderTarget, case: Path) -> None:
    action = replace(make_action(target, "www/scripts/root.exe"), undoable=False)
    plan = make_sealed_plan(target, action)
    apply_plan(plan, target, case)
    with open_case(case, plan, create=False) as folder:
        left = Run(plan, target, folder, leave).undo_all()
    assert [item.because for item in left] == ["this kind of change can't be undone"]


def test_changed_since(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, target, case)
    with open_case(case, plan, create=False) as folder:
        run = Run(plan, target, folder, leave)
        assert run.changed_since() == ()
        (root / "www/index.html").symlink_to("x")
        assert [item.action for item in run.changed_since()] == ["a02"]


def test_the_journal_is_written_before_the_change(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    seen: list[tuple[str, bool, int]] = []

    def look(step: Step) -> None:
        lines = (case / "journal.jsonl").read_bytes().count(b"\n")
        seen.append((step.event, (root / "www/scripts/root.exe").exists(), lines))

    apply_plan(plan, target, case, look)
    assert seen[:2] == [("begun", True, 2), ("verified", False, 3)]


def test_left_in_words() -> None:
    left = (Left(action="a01", where="/x", because="why"), Left(action="a02", where="/y", because="else"))
    assert describe_left(left) == "still changed: /x (why); /y (else)"
