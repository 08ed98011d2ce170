import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.model.plan import Action, Edit, LeftAlone, LineChange, LinksState, LinkState, Plan
from codered.model.response import Remnant
from codered.remediate.journal import Progress
from codered.respond.remnants import judge_actions, judge_findings, merge_remnants
from tests.fixtures.changing import FolderTarget, make_action, make_restore, make_sealed_plan
from tests.fixtures.packs_for_plans import make_finding
from tests.fixtures.registry_plans import HIVE, ROOTS, act, lay_hive, place

DONE = {name: Progress(event="verified", in_effect=True) for name in ("a0", "a01")}
SHELL = "www/scripts/root.exe"


def kinds(remnants: tuple[Remnant, ...]) -> list[str]:
    return [remnant.kind for remnant in remnants]


def test_what_is_gone_leaves_nothing(plan: Plan, target: FolderTarget) -> None:
    one = replace(plan, actions=plan.actions[:1])
    assert kinds(judge_actions(one, {}, target)) == ["residual"]
    (Path(target.info.root) / SHELL).unlink()
    assert judge_actions(one, DONE, target) == ()
    assert judge_actions(one, {}, target) == ()  # somebody else removed it


def test_the_same_file_again_after_the_plan_is_a_reinfection(plan: Plan, target: FolderTarget) -> None:
    one = replace(plan, actions=plan.actions[:1])
    (remnant,) = judge_actions(one, DONE, target)
    assert (remnant.kind, remnant.action) == ("reinfected", "a0")


def test_another_file_in_its_place_is_to_be_looked_at(plan: Plan, target: FolderTarget) -> None:
    one = replace(plan, actions=plan.actions[:1])
    (Path(target.info.root) / SHELL).write_bytes(b"quite another thing")
    assert kinds(judge_actions(one, DONE, target)) == ["incomplete"]
    assert kinds(judge_actions(one, {}, target)) == ["residual"]


def test_the_plans_own_mask_in_its_place_is_none(plan: Plan, target: FolderTarget) -> None:
    """A unit was quarantined, and a link that masks it lies where it was."""
    name = plan.actions[0].path
    states = [LinksState(links=(LinkState(path=name, target=to),)) for to in (None, FilePath("/dev/null"))]
    mask = Action(id="a01", kind="disable_service", path=name, expects=states[0], becomes=states[1], because="a test")
    both = replace(plan, actions=(plan.actions[0], mask))
    place = Path(target.info.root) / SHELL
    place.unlink()
    place.symlink_to("/dev/null")
    assert judge_actions(both, DONE, target) == ()
    place.unlink()
    place.symlink_to("/tmp/other")  # not the plan's mask
    assert "incomplete" in kinds(judge_actions(both, DONE, target))
    place.unlink()
    place.write_bytes(b"quite another thing")
    assert "incomplete" in kinds(judge_actions(both, DONE, target))


def test_a_restored_file_that_changed_again(target: FolderTarget, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_bytes(b"as the package has it")
    plan = make_sealed_plan(target, make_restore(target, "www/index.html", good))
    assert kinds(judge_actions(plan, DONE, target)) == ["reinfected"]
    (Path(target.info.root) / "www/index.html").write_bytes(b"something else")
    assert kinds(judge_actions(plan, DONE, target)) == ["incomplete"]


def edited(target: FolderTarget, body: bytes, bad: bytes) -> Plan:
    """A plan that takes one line out of a file."""
    path = Path(target.info.root) / "crontab"
    path.write_bytes(body)
    action = make_action(target, "crontab")
    change = LineChange(line=2, sha256=hashlib.sha256(bad).hexdigest(), shown=bad.decode())
    outcome = replace(action.file_state(), sha256="0" * 64, mtime_ns=0)
    return make_sealed_plan(target, replace(action, kind="remove_line", edit=Edit(outcome=outcome, lines=(change,))))


def test_of_an_edited_file_only_its_lines_count(target: FolderTarget) -> None:
    plan = edited(target, b"one\n* * * * * root /tmp/.x\n", b"* * * * * root /tmp/.x")
    path = Path(target.info.root) / "crontab"
    path.write_bytes(b"one\nan administrator's own new line\n")
    assert judge_actions(plan, DONE, target) == ()
    path.write_bytes(b"one\ntwo\n* * * * * root /tmp/.x\n")
    (remnant,) = judge_actions(plan, DONE, target)
    assert (remnant.kind, "its line was gone and is there again" in remnant.because) == ("reinfected", True)
    path.unlink()
    assert kinds(judge_actions(plan, DONE, target)) == ["incomplete"]


def test_findings_about_what_the_plan_did(plan: Plan, target: FolderTarget) -> None:
    found = make_finding(target, SHELL.encode())
    assert kinds(judge_findings(plan, DONE, [found])) == ["reinfected"]
    assert kinds(judge_findings(plan, {}, [found])) == ["residual"]
    assert kinds(judge_findings(plan, DONE, [replace(found, layer="logs")])) == []
    (note,) = judge_findings(plan, DONE, [replace(make_finding(target, b"www/other"), layer="patches")])
    assert (note.kind, "still open" in note.because) == ("note", True)


@pytest.mark.parametrize(
    ("pack", "confidence", "kind"),
    [
        ("one", "likely", "reinfected"),
        ("one", "suspicious", "incomplete"),
        ("two", "likely", "residual"),
        (HEURISTICS, "likely", "residual"),
    ],
)
def test_new_findings_beside(plan: Plan, target: FolderTarget, pack: str, confidence: str, kind: str) -> None:
    actions = (replace(plan.actions[0], pack="one"), replace(plan.actions[1], pack=HEURISTICS))
    found = make_finding(target, b"www/new.php", pack=pack, confidence=confidence)  # type: ignore[arg-type]
    assert kinds(judge_findings(replace(plan, actions=actions), DONE, [found])) == [kind]
    assert kinds(judge_findings(replace(plan, actions=actions), {}, [found])) != ["reinfected"]


def test_what_the_plan_left_alone_says_why(plan: Plan, target: FolderTarget) -> None:
    found = make_finding(target, b"www/left.php")
    left = LeftAlone(what=found.subject.name(), because="only suspicious")
    (remnant,) = judge_findings(replace(plan, left_alone=(left,)), DONE, [found])
    assert (remnant.kind, remnant.because) == ("residual", "the plan left it alone: only suspicious")


def test_each_thing_is_told_once_and_the_worst_first(plan: Plan, target: FolderTarget) -> None:
    actions = judge_actions(replace(plan, actions=plan.actions[:2]), {}, target)
    findings = judge_findings(plan, DONE, [make_finding(target, SHELL.encode())])
    merged = merge_remnants(actions, findings)
    assert [(remnant.kind, remnant.action) for remnant in merged] == [
        ("reinfected", "a0"),
        ("residual", plan.actions[1].id),
    ]


def test_hostile_names_stay_escaped(target: FolderTarget) -> None:
    name = b"www/\x1b[2J\xff\n.php"
    found = make_finding(target, name)
    (remnant,) = judge_findings(make_sealed_plan(target), {}, [found])
    assert "\x1b" not in remnant.what + remnant.because
    assert "\n" not in remnant.what + remnant.because


def test_what_a_broken_off_apply_never_did_is_not_back_again(target: FolderTarget) -> None:
    """All settings of a hive lie in one file: one that is done says nothing of the next one."""
    lay_hive(Path(target.info.root))
    first = replace(act(target, "delete_value", place(ROOTS, "/c"), id="a0"), shown=f"HKLM\\SYSTEM\\{ROOTS}: /c")
    second = replace(act(target, "delete_value", place(ROOTS, "/scripts"), id="a1"), findings=("f1",))
    second = replace(second, shown=f"HKLM\\SYSTEM\\{ROOTS}: /scripts", pack="one")
    plan = make_sealed_plan(target, first, second)
    found = make_finding(target, HIVE.encode())
    subject = replace(found.subject, kind="setting", registry=f"HKLM\\SYSTEM\\{ROOTS}", value="/scripts", key="k")
    for id_ in ("f1", "another scan's"):
        (remnant,) = judge_findings(plan, {"a0": DONE["a0"]}, [replace(found, id=id_, subject=subject)])
        assert (remnant.kind, remnant.action) == ("residual", "a1")
    both = {"a0": DONE["a0"], "a1": DONE["a0"]}
    assert kinds(judge_findings(plan, both, [replace(found, subject=subject)])) == ["reinfected"]
    more = replace(found, id="f9", pack="one", subject=replace(subject, value="/d"))
    assert kinds(judge_findings(plan, {"a0": DONE["a0"]}, [more])) == ["reinfected"]
    assert kinds(judge_findings(plan, {"a0": DONE["a0"]}, [more], interrupted=True)) == ["residual"]


def test_a_hole_that_threats_share_is_told_once(plan: Plan, target: FolderTarget) -> None:
    hole = replace(make_finding(target, b"www/other"), layer="patches", pack="codered")
    (note,) = judge_findings(plan, {}, [hole, replace(hole, id="f2", pack="codered2")])
    assert (note.kind, "the hole (of codered and codered2) is still open" in note.because) == ("note", True)
    assert len(judge_findings(plan, {}, [hole, replace(hole, id="f3", because="another")])) == 2
