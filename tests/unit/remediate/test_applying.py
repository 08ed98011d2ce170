import fcntl
import os
import stat
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import NotRolledBack, Refused, RolledBack
from codered.model.plan import Plan, seal_plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.running import Step
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_restore, make_sealed_plan


@pytest.fixture
def plan(target: FolderTarget, tmp_path: Path) -> Plan:
    good = tmp_path / "good.html"
    good.write_bytes(b"the good page")
    return make_sealed_plan(
        target,
        make_action(target, "www/scripts/root.exe", id_="a01"),
        make_action(target, "www/scripts/page.asp", "delete_file", id_="a02"),
        make_restore(target, "www/index.html", good, id_="a03"),
    )


def test_apply_roll_back_apply(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    before = hash_tree(root)
    assert apply_plan(plan, target, case).done == ("a01", "a02", "a03")
    assert sorted(path.name for path in root.rglob("*")) == ["index.html", "scripts", "www"]
    assert (root / "www/index.html").read_bytes() == b"the good page"
    applied = {name: facts for name, facts in hash_tree(root).items() if "/" in name and name != "www/scripts"}
    outcome = roll_back(plan, target, case)
    assert (outcome.undone, outcome.left, outcome.already) == (("a01", "a02", "a03"), (), False)
    assert not outcome.resumed
    assert hash_tree(root) == before
    apply_plan(plan, target, case)
    again = hash_tree(root)
    assert {name: again[name] for name in applied} == applied
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_steps_are_told_in_order(plan: Plan, target: FolderTarget, case: Path) -> None:
    steps: list[Step] = []
    apply_plan(plan, target, case, steps.append)
    assert [(step.number, step.event) for step in steps] == [
        (1, "begun"), (1, "verified"), (2, "begun"), (2, "verified"), (3, "begun"), (3, "verified"),
    ]  # fmt: skip
    assert {step.total for step in steps} == {3}
    steps.clear()
    roll_back(plan, target, case, steps.append)
    assert [(step.number, step.event) for step in steps] == [
        (3, "undo_begun"), (3, "undone"), (2, "undo_begun"), (2, "undone"), (1, "undo_begun"), (1, "undone"),
    ]  # fmt: skip


def test_applying_again_does_nothing_and_says_so(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, target, case)
    journal = (case / "journal.jsonl").read_bytes()
    after = hash_tree(root)
    assert apply_plan(plan, target, case).already
    assert (case / "journal.jsonl").read_bytes() == journal
    assert hash_tree(root) == after
    (root / "www/scripts/root.exe").write_bytes(b"INERT MARKER one")
    outcome = apply_plan(plan, target, case)
    assert outcome.already
    assert [(left.action, left.because) for left in outcome.left] == [("a01", "something is there now")]


def test_rolling_back_again_does_nothing(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    before = hash_tree(root)
    apply_plan(plan, target, case)
    roll_back(plan, target, case)
    journal = (case / "journal.jsonl").read_bytes()
    assert roll_back(plan, target, case).already
    assert (case / "journal.jsonl").read_bytes() == journal
    assert hash_tree(root) == before


def test_nothing_to_roll_back(plan: Plan, target: FolderTarget, case: Path) -> None:
    with pytest.raises(Refused, match="nothing was applied"):
        roll_back(plan, target, case)
    assert not case.exists()


def touch_content(root: Path) -> None:
    (root / "www/scripts/page.asp").write_bytes(b"<HTML>")


def touch_mode(root: Path) -> None:
    (root / "www/scripts/page.asp").chmod(0o600)


def remove(root: Path) -> None:
    (root / "www/scripts/page.asp").unlink()


def swap_for_link(root: Path) -> None:
    (root / "www/scripts/page.asp").rename(root / "elsewhere")
    (root / "www/scripts/page.asp").symlink_to(root / "elsewhere")


def swap_parent_for_link(root: Path) -> None:
    (root / "www/scripts").rename(root / "elsewhere")
    (root / "www/scripts").symlink_to(root / "elsewhere")


def swap_for_fifo(root: Path) -> None:
    (root / "www/scripts/page.asp").unlink()
    os.mkfifo(root / "www/scripts/page.asp")


@pytest.mark.parametrize(
    ("touch", "story"),
    [
        (touch_content, "another content, time"),
        (touch_mode, "another mode"),
        (remove, "it is gone"),
        (swap_for_link, "it is a link"),
        (swap_parent_for_link, "a link lies on the way"),
        (swap_for_fifo, "a special file"),
    ],
)
def test_what_changed_since_planning_refuses_the_whole_plan(
    touch: object, story: str, plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    assert callable(touch)
    touch(root)
    before = hash_tree(root)
    with pytest.raises(Refused, match=story) as caught:
        apply_plan(plan, target, case)
    assert "page.asp" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert hash_tree(root) == before
    assert (case / "journal.jsonl").read_bytes() == b""


def test_all_that_differ_are_named(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    touch_content(root)
    (root / "www/index.html").unlink()
    with pytest.raises(Refused, match=r"2 of 3 files .*page\.asp.*index\.html"):
        apply_plan(plan, target, case)


def test_a_changed_plan_is_refused(plan: Plan, target: FolderTarget, case: Path) -> None:
    changed = replace(plan, actions=plan.actions[:1])
    for word in (apply_plan, roll_back):
        with pytest.raises(Refused, match="changed after it was made"):
            word(changed, target, case)
    assert not case.exists()


def test_another_plan_in_the_case_is_refused(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, target, case)
    roll_back(plan, target, case)
    other = seal_plan(replace(plan, advice=("another",)))
    with pytest.raises(Refused, match="another plan"):
        apply_plan(other, target, case)


def test_two_at_a_time_are_refused(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    case.mkdir(parents=True, mode=0o700)
    before = hash_tree(root)
    fd = os.open(case / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="in use by another"):
            apply_plan(plan, target, case)
    finally:
        os.close(fd)
    assert hash_tree(root) == before
    assert apply_plan(plan, target, case).done == ("a01", "a02", "a03")


def test_a_vault_on_the_target_is_refused(plan: Plan, target: FolderTarget, root: Path) -> None:
    with pytest.raises(Refused, match="on the target itself"):
        apply_plan(plan, target, root / "state" / "cases" / plan.id)
    assert not (root / "state").exists()


def test_what_came_back_is_left_alone(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, target, case)
    back = root / "www/scripts/root.exe"
    back.write_bytes(b"somebody else's")
    with pytest.raises(NotRolledBack, match=r"root\.exe \(something is there now: somebody touched it"):
        roll_back(plan, target, case)
    assert back.read_bytes() == b"somebody else's"
    assert (root / "www/scripts/page.asp").read_bytes() == b"<html>"
    assert (root / "www/index.html").read_bytes() == b"hello"
    back.unlink()
    assert roll_back(plan, target, case).undone == ("a01",)
    assert back.read_bytes() == b"INERT MARKER one"


def test_a_restored_file_that_was_edited_is_left_alone(
    plan: Plan, target: FolderTarget, case: Path, root: Path
) -> None:
    apply_plan(plan, target, case)
    (root / "www/index.html").write_bytes(b"edited by the owner")
    with pytest.raises(NotRolledBack, match=r"index\.html"):
        roll_back(plan, target, case)
    assert (root / "www/index.html").read_bytes() == b"edited by the owner"


def test_a_damaged_vault_is_told_and_undoes_the_rest(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, target, case)
    content = next(
        path for path in (case / "vault").glob("*.inert") if path.name.startswith(plan.actions[0].file_state().sha256)
    )
    raw = bytearray(content.read_bytes())
    raw[-1] ^= 1
    content.write_bytes(raw)
    with pytest.raises(NotRolledBack, match=r"root\.exe \(its copy in the vault is damaged\)"):
        roll_back(plan, target, case)
    assert sorted(path.name for path in (root / "www/scripts").iterdir()) == ["page.asp"]


def test_a_source_that_changed_refuses_the_whole_plan(
    plan: Plan, target: FolderTarget, case: Path, root: Path, tmp_path: Path
) -> None:
    before = hash_tree(root)
    (tmp_path / "good.html").write_bytes(b"an evil page!")
    with pytest.raises(Refused, match="not the one the plan was made with; nothing was touched"):
        apply_plan(plan, target, case)
    assert hash_tree(root) == before


def test_a_failing_action_rolls_back_all(
    plan: Plan, target: FolderTarget, case: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_tree(root)
    real = os.rename

    def fail(src: bytes, dst: bytes, **kw: int) -> None:
        if dst == b"index.html":
            raise OSError(5, "Input/output error")
        real(src, dst, **kw)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(RolledBack, match=r"index\.html: Input/output error; everything done before was undone"):
        apply_plan(plan, target, case)
    assert hash_tree(root) == before
    monkeypatch.undo()
    assert apply_plan(plan, target, case).done == ("a01", "a02", "a03")


def test_a_failing_rollback_names_what_is_left(
    plan: Plan, target: FolderTarget, case: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_tree(root)
    real_rename, real_link = os.rename, os.link

    def fail_rename(src: bytes, dst: bytes, **kw: int) -> None:
        if dst == b"index.html":
            raise OSError(5, "Input/output error")
        real_rename(src, dst, **kw)

    def fail_link(src: bytes, dst: bytes, *, dst_dir_fd: int) -> None:
        if dst == b"root.exe":
            raise OSError(30, "Read-only file system")
        real_link(src, dst, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "rename", fail_rename)
    monkeypatch.setattr(os, "link", fail_link)
    with pytest.raises(NotRolledBack, match=r"still changed: .*root\.exe \(Read-only file system\)"):
        apply_plan(plan, target, case)
    monkeypatch.undo()
    assert roll_back(plan, target, case).undone == ("a01",)
    assert hash_tree(root) == before


def test_an_immutable_folder_fails_cleanly(plan: Plan, target: FolderTarget, case: Path, root: Path) -> None:
    before = hash_tree(root)
    stubborn = root / "www/scripts"
    set_flag = subprocess.run(["chattr", "+i", stubborn], capture_output=True, text=True, check=False)
    assert set_flag.returncode == 0, f"this test needs chattr +i, root and a file system that has it: {set_flag.stderr}"
    try:
        with pytest.raises(RolledBack, match="Operation not permitted"):
            apply_plan(plan, target, case)
        assert hash_tree(root) == before
    finally:
        subprocess.run(["chattr", "-i", stubborn], check=True)


def test_an_empty_plan_is_not_said_to_be_done_before(target: FolderTarget, case: Path) -> None:
    for _ in range(2):
        outcome = apply_plan(make_sealed_plan(target), target, case)
        assert (outcome.done, outcome.already, outcome.left) == ((), False, ())


def test_the_case_is_private_and_inert(plan: Plan, target: FolderTarget, case: Path) -> None:
    apply_plan(plan, target, case)
    assert stat.S_IMODE(case.stat().st_mode) == 0o700
    assert stat.S_IMODE((case / "vault").stat().st_mode) == 0o700
    files = [path for path in case.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any(b"INERT MARKER" in path.read_bytes() for path in files)
    assert sorted(path.name for path in case.iterdir()) == ["ballast", "journal.jsonl", "lock", "plan.json", "vault"]


def test_a_case_others_can_write_in_is_refused(plan: Plan, target: FolderTarget, case: Path) -> None:
    case.mkdir(parents=True)
    case.chmod(0o777)
    with pytest.raises(Refused, match="others may write"):
        apply_plan(plan, target, case)
