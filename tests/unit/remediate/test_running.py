import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import NotRolledBack, RolledBack
from codered.model.plan import Plan
from codered.remediate.actions import ACTIONS
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.case_folder import open_case
from codered.remediate.running import CAME_BACK, Left, Run, Step, describe_left
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_restore, make_sealed_plan


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


def test_a_file_that_is_as_it_was_needs_nothing_from_the_vault(
    plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    """A crash right after "begun", and the record is gone: rolling back must not be stuck over an untouched file."""
    before = hash_tree(root)
    with open_case(case, plan, create=True) as folder:
        folder.journal.append("opened", plan_digest=plan.digest)
        folder.journal.append("begun", action="a01", backup="a01-" + "0" * 64)
    assert roll_back(plan, target, case).undone == ("a01",)
    assert hash_tree(root) == before


def test_a_file_that_was_changed_still_needs_its_record(
    plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    apply_plan(plan, target, case)
    for record in (case / "vault").glob("a01-*.json"):
        record.unlink()
    with pytest.raises(NotRolledBack, match=r"missing from the vault"):
        roll_back(plan, target, case)
    assert (root / "www/index.html").exists()


def test_a_file_with_too_many_attributes_is_never_touched(
    plan: Plan, target: FolderTarget, case: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_tree(root)
    monkeypatch.setattr("codered.remediate.vault._MOST_RECORD", 10)
    with pytest.raises(RolledBack, match=r"root\.exe: its extended attributes make a record of"):
        apply_plan(plan, target, case)
    assert hash_tree(root) == before
    assert roll_back(plan, target, case).already


@pytest.mark.parametrize("kind", ["quarantine_file", "restore_file"])
def test_other_names_of_an_undone_file_are_told(
    kind: str, target: FolderTarget, case: Path, root: Path, tmp_path: Path
) -> None:
    os.link(root / "www/scripts/root.exe", root / "second")
    (tmp_path / "good").write_bytes(b"the good one")
    action = (
        make_restore(target, "www/scripts/root.exe", tmp_path / "good", id_="a01")
        if kind == "restore_file"
        else make_action(target, "www/scripts/root.exe")
    )
    plan = make_sealed_plan(target, action, make_action(target, "www/index.html", id_="a02"))
    apply_plan(plan, target, case)
    steps: list[Step] = []
    assert roll_back(plan, target, case, steps.append).undone == ("a01", "a02")
    notes = {step.action.id: step.note for step in steps if step.event == "undone"}
    assert notes == {"a01": "it had 2 names on disk; it is a file of its own now", "a02": ""}
    assert b"it is a file of its own now" in (case / "journal.jsonl").read_bytes()
    assert (root / "second").stat().st_nlink == 1


def test_other_names_of_a_file_never_touched_are_no_matter(target: FolderTarget, case: Path, root: Path) -> None:
    os.link(root / "www/scripts/root.exe", root / "second")
    plan = make_sealed_plan(target, make_action(target, "www/scripts/root.exe"))
    action = plan.actions[0]
    with open_case(case, plan, create=True) as folder:
        folder.journal.append("opened", plan_digest=plan.digest)
        backup = ACTIONS[action.kind].back_up(action, target, folder.vault)
        folder.journal.append("begun", action="a01", backup=backup)
    steps: list[Step] = []
    roll_back(plan, target, case, steps.append)
    assert [(step.event, step.note) for step in steps] == [("undo_begun", ""), ("undone", "")]
    assert (root / "second").stat().st_nlink == 2


def test_what_is_written_again_with_the_same_content_goes_again_and_other_content_stays(
    plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    before = hash_tree(root)
    exe, page = root / "www/scripts/root.exe", root / "www/index.html"
    same = exe.read_bytes()
    apply_plan(plan, target, case)
    exe.write_bytes(same)
    page.write_bytes(b"another page")
    with open_case(case, plan, create=False) as folder:
        run = Run(plan, target, folder, leave)
        run.take_away_again()
        assert [entry.note for entry in folder.journal.entries if entry.note] == [CAME_BACK]
        assert [left.action for left in run.changed_since()] == ["a02"]
    assert not exe.exists()
    assert page.read_bytes() == b"another page"
    page.unlink()
    roll_back(plan, target, case)
    assert hash_tree(root) == before
