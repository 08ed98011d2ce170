"""What the changing words say and refuse; that they do it is held by their own tests."""

import os
from pathlib import Path

import msgspec
import pytest

from codered.cli import changes
from codered.cli.options import ChangeOptions
from codered.model.errors import Refused, WrongUse
from codered.model.plan import LeftAlone, Plan, seal_plan
from tests.fixtures.changing import hash_tree
from tests.fixtures.command import Desk
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below
from tests.fixtures.windows_roots import infect_codered2, lay_out_windows2000


def answer_with(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at a terminal who answers so."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: word)


def read(plan: Path) -> Plan:
    return msgspec.json.decode(plan.read_bytes(), type=Plan)


def test_a_plan_without_a_file_is_kept_under_its_id(say: Say, report: Path, tmp_path: Path, volume: Path) -> None:
    answer = say("plan", report, "--json")
    plan = msgspec.json.decode(answer.out, type=Plan)
    kept = tmp_path / "state/plans" / f"{plan.id}.json"
    assert answer.err == f"codered: saved as {kept}\ncodered: review it, then: codered apply {plan.id}\n"
    assert changes.find_plan(plan.id) == plan
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert say("apply", plan.id, "--yes").code == 0
    assert say("verify", plan.id).code == 0
    assert say("rollback", plan.id, "--yes").code == 0
    assert path_below(volume, SHOWN[0]).exists()


def test_a_state_folder_that_can_not_be_made(say: Say, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", "/proc/nowhere")
    answer = say("plan", report)
    assert answer.code == 2
    assert answer.err == (
        "codered: /proc/nowhere/plans: can't be made: No such file or directory "
        "— name a file for the plan, or set CODERED_STATE\n"
    )


@pytest.mark.parametrize("named", ["nosuch", "20010719-000000-abcdef"])
def test_a_plan_nobody_knows(named: str) -> None:
    with pytest.raises(WrongUse, match="no such plan"):
        changes.find_plan(named)


@pytest.mark.parametrize("named", ["none/plan", "plan.json"])
def test_a_file_that_is_not_there(named: str) -> None:
    with pytest.raises(WrongUse, match="can't be read: No such file"):
        changes.find_plan(named)


@pytest.mark.parametrize("named", ["-x", "A", ".."])
def test_an_id_that_is_none(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUse):
        changes.find_plan(named)


def test_a_dry_run_changes_nothing_and_says_what_would_be_refused(say: Say, plan: Path, volume: Path) -> None:
    before = hash_tree(volume)
    answer = say("apply", plan, "--dry-run")
    assert answer.code == 0
    assert answer.err == "codered: dry run: all 6 files are as the plan expects; nothing was changed\n"
    assert read(plan).digest in answer.out  # everything is shown, with what is to be approved
    assert hash_tree(volume) == before
    path_below(volume, SHOWN[0]).write_bytes(b"changed")
    before = hash_tree(volume)
    assert say("apply", plan, "--dry-run").code == 4
    assert hash_tree(volume) == before
    answer = say("rollback", plan, "--dry-run")
    assert (answer.code, answer.err) == (
        0,
        f"codered: dry run: would undo 0 changes in {volume}; nothing was changed\n",
    )


@pytest.mark.parametrize(("word", "done"), [("y", True), ("n", False), ("", False)])
def test_a_person_is_asked(plan: Path, volume: Path, monkeypatch: pytest.MonkeyPatch, word: str, done: bool) -> None:
    answer_with(word, monkeypatch)
    asked = ChangeOptions(str(plan), dry_run=False, yes=False, as_json=False)
    if done:
        assert changes.carry_out(asked) == 0
    else:
        with pytest.raises(Refused, match="not confirmed; nothing was changed"):
            changes.carry_out(asked)
    assert path_below(volume, SHOWN[0]).exists() != done


def test_the_outcome_as_json(say: Say, plan: Path) -> None:
    ids = [action.id for action in read(plan).actions]
    answer = say("apply", plan, "--yes", "--json")
    assert msgspec.json.decode(answer.out)["done"] == ids
    assert "quarantine_file" not in answer.err
    answer = say("rollback", plan, "--yes", "--json")
    assert sorted(msgspec.json.decode(answer.out)["undone"]) == sorted(ids)


def test_what_goes_at_the_next_start_is_not_done(say: Say, plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.respond.list_leaving", lambda _plan: ("C:\\.codered-gone-1",))
    answer = say("apply", plan, "--yes")
    assert answer.code == 3
    assert "was in use, and goes at the next start of Windows: C:\\.codered-gone-1\n" in answer.err


def test_doing_it_twice_and_undoing_it_twice(say: Say, plan: Path, volume: Path) -> None:
    say("apply", plan, "--yes")
    answer = say("apply", plan, "--yes")
    assert answer.code == 0
    assert "already applied; nothing was left to do" in answer.err
    say("rollback", plan, "--yes")
    before = hash_tree(volume)
    answer = say("rollback", plan, "--yes")
    assert (answer.code, answer.err) == (0, "codered: there was nothing to undo\n")
    assert hash_tree(volume) == before


def test_a_plan_for_what_is_no_longer_there(say: Say, plan: Path, volume: Path) -> None:
    os.rename(volume, volume.with_name("moved"))
    for word in ("apply", "verify", "rollback"):
        answer = say(word, plan)
        assert answer.code == 2
        assert answer.err.startswith(f"codered: {volume}: no such folder — mount the volume")


def test_nothing_to_plan(say: Say, tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    say("scan", "--root", tmp_path / "clean", "-o", tmp_path / "r.json")
    answer = say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json")
    assert answer.code == 3  # the root holds no system: not all that was asked for was seen
    assert "The scan was incomplete" in answer.out
    assert answer.err == f"codered: saved as {tmp_path}/p.json\n"
    assert say("apply", tmp_path / "p.json", "--yes").code in (0, 4)
    assert say("verify", tmp_path / "p.json").code == 3  # it says of no place that it is clean


def test_nothing_to_plan_after_a_look_at_all_that_was_asked_for(say: Say, tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean/page.html").write_text("hello")
    assert say("scan", tmp_path / "clean", "-o", tmp_path / "r.json").code == 0
    assert say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json").code == 0


def test_verify_brings_the_packs_of_the_plan(say: Say, volume: Path, tmp_path: Path) -> None:
    say("scan", "--root", volume, "--packs", "codered2", "-o", tmp_path / "r.json")
    say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json")
    report = msgspec.json.decode(say("verify", tmp_path / "p.json", "--json").out)["report"]
    assert [pack["name"] for pack in report["packs"]] == ["codered2"]


@pytest.mark.parametrize("left", [(), (LeftAlone(what="/opt/x", because="look at it"),)])
def test_what_the_plan_leaves_alone_is_said_in_the_end(say: Say, plan: Path, left: tuple[LeftAlone, ...]) -> None:
    made = msgspec.structs.replace(read(plan), left_alone=left)
    plan.write_bytes(msgspec.json.encode(seal_plan(made)))
    answer = say("apply", plan, "--yes")
    assert answer.code == 0
    assert ("codered: not finished by this plan: 1 thing left alone: see the plan" in answer.err) is bool(left)


def test_what_came_back_after_the_apply_is_found(say: Say, plan: Path) -> None:
    say("apply", plan, "--yes")
    Path(read(plan).actions[0].path.text).write_text("it is back")
    answer = say("apply", plan, "--yes")
    assert answer.code == 1
    assert "codered: changed since: " in answer.err


def test_an_applied_plan_is_found_by_its_id_when_its_file_is_lost(say: Say, plan: Path, volume: Path) -> None:
    before = hash_tree(volume)
    made = read(plan)
    say("apply", plan, "--yes")
    plan.unlink()
    assert say("rollback", made.id, "--yes").code == 0
    assert hash_tree(volume) == before


def test_a_dry_run_of_a_rollback_lists_what_it_would_undo(say: Say, plan: Path) -> None:
    say("apply", plan, "--yes")
    answer = say("rollback", plan, "--dry-run")
    made = read(plan).actions
    wanted = [f"  {action.kind} {action.shown or action.path.text}" for action in reversed(made)]
    assert answer.out.splitlines() == wanted
    assert "would undo 6 changes" in answer.err
    shown = say("rollback", plan, "--dry-run", "--json").out
    assert msgspec.json.decode(shown) == [action.id for action in reversed(made)]


def test_what_cant_be_removed_as_it_stands_is_no_success(rule_cache: Path, tmp_path: Path) -> None:
    """Left alone for the state of a file: the rest is done, and the exit code says that it is not all."""
    blocked = LeftAlone(what="HKLM\\SYSTEM", because="it was not shut down: do so", blocked=True)
    say = Desk(tmp_path, rule_cache).run  # processes of their own: nothing holds the volume open afterwards
    volume = make_ntfs(tmp_path / "ntfs")
    with mounted_ntfs(volume, tmp_path / "m") as root:
        infect_codered2(lay_out_windows2000(root))
        say("scan", "--root", root, "-o", tmp_path / "r.json")
        assert say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json").code == 0
        made = msgspec.structs.replace(read(tmp_path / "p.json"), left_alone=(blocked,))
        (tmp_path / "p.json").write_bytes(msgspec.json.encode(seal_plan(made)))
        answer = say("apply", tmp_path / "p.json", "--yes")
        assert (answer.code, "1 finding can't be removed: it was not shut down" in answer.err) == (3, True)
        assert say("rollback", tmp_path / "p.json", "--yes").code == 0
        (root / "hiberfil.sys").write_bytes(b"hibr" + bytes(8192))
    for options, story in (("ro", "hiberfil.sys"), ("", "hiberfil.sys")):
        with mounted_ntfs(volume, tmp_path / "m", options):
            answer = say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json")
            assert (answer.code, story in answer.out.partition("Plan  ")[0]) == (3, True)
            answer = say("apply", tmp_path / "p.json", "--yes")
            assert (answer.code, "findings can't be removed" in answer.err) == (3, True)


def test_a_dry_run_as_json_is_one_document(say: Say, plan: Path) -> None:
    answer = say("apply", plan, "--dry-run", "--json")
    assert msgspec.json.decode(answer.out, type=Plan).digest == read(plan).digest
