from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.paths import FilePath
from codered.model.plan import (
    Action,
    Edit,
    FileState,
    LinksState,
    Plan,
    ProcessState,
    digest_plan,
    seal_plan,
)
from codered.remediate.guards import check_plan, check_sources, check_states, look_at, name_place
from tests.fixtures.changing import FolderTarget, ReadOnlyTarget, make_action, make_restore, make_sealed_plan
from tests.fixtures.children import Children, LiveTarget, make_live_plan, make_stop


@pytest.fixture
def action(target: FolderTarget) -> Action:
    return make_action(target, "www/index.html")


@pytest.fixture
def plan(target: FolderTarget, action: Action) -> Plan:
    return make_sealed_plan(target, action)


def test_a_good_plan_passes(plan: Plan, target: FolderTarget) -> None:
    check_plan(plan, target)
    check_states(plan, target, frozenset())


def test_any_change_breaks_the_digest(plan: Plan, target: FolderTarget) -> None:
    for changed in (replace(plan, tool="x"), replace(plan, digest=""), replace(plan, advice=("x",))):
        with pytest.raises(Refused, match="changed after it was made"):
            check_plan(changed, target)


def test_another_root_or_kind(plan: Plan, target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(Refused, match=r"the plan is for .*root, this is .*other"):
        check_plan(plan, FolderTarget(tmp_path / "other"))
    live = seal_plan(replace(plan, target=replace(plan.target, kind="live_linux")))
    with pytest.raises(Refused, match="the plan is for live_linux"):
        check_plan(live, target)


def test_a_target_without_a_write_side(plan: Plan, root: Path) -> None:
    with pytest.raises(Refused, match="can't be changed"):
        check_plan(plan, ReadOnlyTarget(root))


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A B", "x" * 65])
def test_odd_plan_ids(plan: Plan, target: FolderTarget, name: str) -> None:
    with pytest.raises(Refused, match="no plan id"):
        check_plan(seal_plan(replace(plan, id=name)), target)


def test_odd_actions(plan: Plan, target: FolderTarget, action: Action) -> None:
    wrong = {
        "does not lie beneath": (replace(action, path=FilePath("/etc/passwd")),),
        "for the same file": (action, replace(action, id="a02")),
        "id is not one": (replace(action, id="../a"),),
        "or not its own": (action, make_action(target, "www/scripts/page.asp")),
        "expects no file": (replace(action, expects=FileState(exists=False)),),
        "no known-good copy": (replace(action, kind="restore_file"),),
    }
    for story, actions in wrong.items():
        with pytest.raises(Refused, match=story):
            check_plan(seal_plan(replace(plan, actions=actions)), target)


def test_an_edit_must_say_what_it_is(plan: Plan, target: FolderTarget, action: Action) -> None:
    assert isinstance(action.expects, FileState)
    for kind in ("remove_line", "remove_key", "reset_setting", "lock_account"):
        edit = replace(action, kind=kind)
        with pytest.raises(Refused, match=r"does not say what the edit is|this version can't do"):
            check_plan(seal_plan(replace(plan, actions=(edit,))), target)
        odd = replace(edit, edit=Edit(outcome=action.expects), expects=LinksState(links=()))
        with pytest.raises(Refused, match=r"what the plan expects there is not|this version can't do"):
            check_plan(seal_plan(replace(plan, actions=(odd,))), target)


def test_a_process_is_ended_only_where_it_runs(plan: Plan, target: FolderTarget, action: Action) -> None:
    state = ProcessState(pid=4194304, start=1, boot="b", state="running")
    process = replace(action, kind="stop_process", expects=state, path=FilePath("/memfd:x"))
    with pytest.raises(Refused, match=r"only on the running host|this version can't do"):
        check_plan(seal_plan(replace(plan, actions=(process,))), target)


def test_begun_actions_are_not_held_against_the_plan(plan: Plan, target: FolderTarget, root: Path) -> None:
    (root / "www/index.html").unlink()
    check_states(plan, target, frozenset({"a01"}))
    with pytest.raises(Refused, match="it is gone"):
        check_states(plan, target, frozenset({"a02"}))


def test_what_cannot_be_read_is_a_reason(action: Action, target: FolderTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(rel: bytes) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(target, "open_dir", fail)
    assert look_at(action, target) == (None, "it can't be read: Input/output error")


def test_sources(target: FolderTarget, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_bytes(b"good")
    action = make_restore(target, "www/index.html", good)
    check_sources((action,))
    good.write_bytes(b"evil")
    with pytest.raises(Refused, match="not the one the plan was made with"):
        check_sources((action,))
    good.unlink()
    with pytest.raises(Refused, match="No such file"):
        check_sources((action,))


def test_places_are_told_as_the_system_names_them(action: Action) -> None:
    assert name_place(action).endswith("/www/index.html")
    assert name_place(replace(action, shown="C:\\x\ny")) == "C:\\x\\ny"


def test_the_digest_covers_every_field(plan: Plan) -> None:
    assert plan.digest == digest_plan(plan)
    assert digest_plan(replace(plan, report_id="other")) != plan.digest


def test_who_can_not_read_a_process_is_told_so(
    children: Children, live: LiveTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = children.make_program("inert")
    plan = make_live_plan(live, make_stop(children.start(program, "60"), program))
    check_states(plan, live, frozenset())
    monkeypatch.setattr("codered.remediate.linux_processes.hash_exe", lambda _: "")
    with pytest.raises(Refused, match="what it runs can't be read by this user") as refused:
        check_states(plan, live, frozenset())
    assert refused.value.advice == "run this as root"
    monkeypatch.setattr("codered.remediate.linux_processes.hash_exe", lambda _: "0" * 64)
    with pytest.raises(Refused, match="it runs another program now") as refused:
        check_states(plan, live, frozenset())
    assert refused.value.advice.startswith("scan again")
