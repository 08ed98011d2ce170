"""`apply` on a worm that a supervisor starts again, and the unit that finishes it."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.plan import Plan, ProcessState, seal_plan
from codered.targets.live_linux import name_host
from tests.fixtures.changing import hash_tree
from tests.fixtures.children import SHELL, SUPERVISOR, Children, LiveTarget, make_live_plan, make_stop, wait_until
from tests.fixtures.saying import Say


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "run/systemd/system").mkdir(parents=True)
    (root / "programs").mkdir()
    return root


@pytest.fixture
def children(root: Path) -> Iterator[Children]:
    started = Children(root / "programs")
    yield started
    started.end_all()


class Scene:
    """A worm's process, who starts it again, and a saved plan for the worm alone."""

    def __init__(self, root: Path, children: Children) -> None:
        self.program = children.make_program("worm")
        self.supervisor: ProcessState = children.start(SHELL, "-c", SUPERVISOR, "supervisor", self.program)
        wait_until(lambda: len(children.find(self.program)) == 1)
        self.worm = children.read(children.find(self.program)[0])
        target = LiveTarget(root)
        bare = make_live_plan(target, make_stop(self.worm, self.program))
        self.plan: Plan = seal_plan(replace(bare, target=replace(target.info, host=name_host())))
        respond.keep_plan(self.plan)


@pytest.fixture
def scene(root: Path, children: Children, own_places: None) -> Scene:
    return Scene(root, children)


def test_what_resists_is_held_and_finished_at_boot(say: Say, scene: Scene, children: Children, root: Path) -> None:
    before = hash_tree(root / "etc")
    answer = say("apply", scene.plan.id, "--yes")
    (held,) = children.find(scene.program)
    assert answer.code == 3
    assert f"still frozen: process {held} ({scene.program}), a child of {scene.supervisor.pid}: " in answer.err
    assert f"codered apply {scene.plan.id} --at-boot" in answer.err
    assert f"held: stop_process {scene.program} (process {held} came back, and is frozen)" in answer.err
    answer = say("apply", scene.plan.id, "--at-boot", "--yes")
    assert answer.code == 0
    (unit,) = (root / "etc/systemd/system").glob("*.service")
    assert unit.read_text("utf-8") == answer.out
    children.end(scene.supervisor)
    finished = subprocess.run(read_command(unit), env=read_environment(unit), capture_output=True, check=False)
    assert (finished.returncode, finished.stdout) == (0, b""), finished.stderr
    assert children.find(scene.program) == []
    assert hash_tree(root / "etc") == before


def read_command(unit: Path) -> list[str]:
    """The words of its ExecStart, as they are when nothing in them is special to systemd."""
    (line,) = [line for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.partition("=")[2])


def read_environment(unit: Path) -> dict[str, str]:
    (line,) = [line for line in unit.read_text("utf-8").splitlines() if line.startswith("Environment=")]
    name, _, value = shlex.split(line.partition("=")[2])[0].partition("=")
    return {name: value, "PATH": os.environ["PATH"]}


def test_a_dry_run_shows_the_unit(say: Say, scene: Scene, root: Path) -> None:
    before = hash_tree(root / "etc")
    answer = say("apply", scene.plan.id, "--at-boot", "--dry-run")
    assert (answer.code, answer.out[:20]) == (0, "# Written by codered")
    assert "--finish-at-boot" in answer.out
    assert hash_tree(root / "etc") == before


def test_a_plan_nobody_began_is_not_left_to_a_boot(say: Say, scene: Scene) -> None:
    answer = say("apply", scene.plan.id, "--at-boot", "--yes")
    assert (answer.code, "nothing was applied" in answer.err) == (4, True)
    answer = say("apply", scene.plan.id, "--finish-at-boot", "--yes")
    assert (answer.code, "nothing was applied" in answer.err) == (4, True)


def test_a_plan_that_was_changed_is_not_finished(say: Say, scene: Scene, children: Children, root: Path) -> None:
    children.end(scene.supervisor)
    assert say("apply", scene.plan.id, "--yes").code == 0
    assert say("apply", scene.plan.id, "--at-boot", "--yes").code == 0
    kept = respond.case_folder(scene.plan) / "plan.json"
    kept.write_bytes(kept.read_bytes().replace(b"a test", b"a tset"))
    answer = say("apply", kept, "--finish-at-boot", "--yes")
    assert (answer.code, "the plan was changed after it was made" in answer.err) == (4, True)


def test_without_systemd_nothing_is_written(say: Say, scene: Scene, root: Path) -> None:
    (root / "run/systemd/system").rmdir()
    before = hash_tree(root)
    answer = say("apply", scene.plan.id, "--at-boot", "--yes")
    assert (answer.code, "this host is not started by systemd" in answer.err) == (4, True)
    assert hash_tree(root) == before


def test_a_rollback_says_what_can_not_be_undone(say: Say, scene: Scene, children: Children) -> None:
    children.end(scene.supervisor)
    say("apply", scene.plan.id, "--yes")
    answer = say("rollback", scene.plan.id, "--yes")
    assert answer.code == 0
    assert f"codered: can't be undone: {scene.program}: process {scene.worm.pid} was ended" in answer.err
    assert "there was nothing to undo" not in answer.err


def test_who_stops_it_half_way_is_told_what_is_frozen(
    say: Say, scene: Scene, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("codered.remediate.actions.stop_process.end_process", interrupt)
    answer = say("apply", scene.plan.id, "--yes")
    assert answer.code == 130
    assert "codered: processes that are frozen stay frozen until then" in answer.err
    assert children.read(scene.worm.pid).state == "held"
    answer = say("rollback", scene.plan.id, "--yes")
    assert answer.code == 0
    assert f"codered: process {scene.worm.pid} is frozen and goes on: " in answer.err
    wait_until(lambda: children.read(scene.worm.pid).state == "running")


def test_who_stops_it_before_anything_is_frozen_hears_nothing_of_it(
    say: Say, scene: Scene, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("codered.remediate.applying.check_states", interrupt)
    answer = say("apply", scene.plan.id, "--yes")
    assert answer.code == 130
    assert "frozen" not in answer.err
    assert children.read(scene.worm.pid).state == "running"
