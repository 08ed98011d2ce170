"""`kill -9` before every change on the disk while hives are edited: the old hive or the new one, or a half-written one
that says so and is finished or taken back; both words go on after it.
"""

import os
import shutil
from pathlib import Path

import pytest

from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.pages import PAGE
from codered.remediate.registry.hive_edits import check_clean, edit_value
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.hive_logs import is_dirty
from codered.remediate.registry.hive_writing import find_mark
from tests.crash.test_crashes import Stage
from tests.fixtures.changing import hash_tree, make_sealed_plan
from tests.fixtures.registry_plans import HIVE, ROOTS, act, dword_of, lay_hive, make_dirty, place, text_of

TIME = (1_000_000_001, 1_000_000_002)


class HiveStage(Stage):
    """A hive of which a value goes, one is made longer, and a key goes."""

    @property
    def hive(self) -> Path:
        return self.root / HIVE

    def check_marked_or_whole(self, known: set[bytes]) -> bool:
        """The hive is one of those that may be, or says itself that it is not whole."""
        raw = self.hive.read_bytes()
        if raw in known:
            assert raw == (self.pristine / HIVE).read_bytes() or not is_dirty(raw)
            return True
        if any(raw.startswith(each) for each in known):  # grown, and nothing in it says so yet: the hive of before
            return True
        assert find_mark(raw[:PAGE])
        first, second = read_from(raw + bytes(1 << 16)).header.sequence
        assert first != second
        return False

    def _lay_out(self) -> None:
        self.root.mkdir(parents=True)
        lay_hive(self.root)
        os.utime(self.root, ns=TIME)

    def _make_plan(self) -> Plan:
        return make_sealed_plan(
            self.target,
            act(self.target, "delete_value", place(ROOTS, "/c"), id="a01"),
            act(self.target, "set_value", place("Setup", "Long"), id="a02", sets=text_of("long " * 500)),
            act(self.target, "delete_key", place("ControlSet001\\Services\\Inert"), id="a03"),
        )

    @staticmethod
    def _keep(to: Path, source: Path) -> None:
        shutil.copytree(source, to)
        for path in (*to.rglob("*"), to):
            os.utime(path, ns=TIME)


class DirtyStage(HiveStage):
    """The plug was pulled before: the first of two actions brings what the logs hold."""

    def _lay_out(self) -> None:
        super()._lay_out()
        make_dirty(self.hive, "new")
        os.utime(self.root, ns=TIME)

    def _make_plan(self) -> Plan:
        return make_sealed_plan(
            self.target,
            act(self.target, "delete_value", place(ROOTS, "/c"), id="a01"),
            act(self.target, "delete_key", place("ControlSet001\\Services\\Inert"), id="a02"),
        )


@pytest.fixture
def dirty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DirtyStage:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return DirtyStage(tmp_path, unnamed=True)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HiveStage:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return HiveStage(tmp_path, unnamed=True)


def list_states(stage: HiveStage) -> tuple[bytes, ...]:
    """The hive before, after each action, and so at the end."""
    states = [stage.hive.read_bytes()]

    def note(step: object) -> None:
        raw = stage.hive.read_bytes()
        if raw != states[-1]:
            states.append(raw)

    apply_plan(stage.plan, stage.target, stage.case, note)
    stage.reset()
    assert len(states) == 1 + len(stage.plan.actions)
    return tuple(states)


def test_apply_killed_at_every_step(stage: HiveStage) -> None:
    states = list_states(stage)
    at, torn = 1, 0
    while stage.run(apply_plan, at):
        torn += not stage.check_marked_or_whole(set(states))
        assert len(apply_plan(stage.plan, stage.target, stage.case).done) == 3
        assert stage.hive.read_bytes() == states[-1], at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 60
    assert torn > 10


def test_rollback_after_a_killed_apply(stage: HiveStage) -> None:
    at = 1
    while stage.run(apply_plan, at):
        if stage.has_begun():
            roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1


def test_rollback_killed_at_every_step(stage: HiveStage) -> None:
    states = list_states(stage)
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        if not stage.run(roll_back, at):
            break
        stage.check_marked_or_whole(set(states))
        if at % 2:
            apply_plan(stage.plan, stage.target, stage.case)
            assert stage.hive.read_bytes() == states[-1], at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 30


def test_an_undoing_by_name_killed_at_every_step(stage: HiveStage) -> None:
    """Windows wrote in the hive since, so the old pages fit no more."""
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        stage.hive.write_bytes(edit_value(stage.hive.read_bytes(), place("Setup", "Booted"), dword_of(1)))
        killed = stage.run(roll_back, at)
        if killed:
            roll_back(stage.plan, stage.target, stage.case)
        hive = read_from(stage.hive.read_bytes())
        check_clean(hive)
        for action in stage.plan.actions:
            assert action.registry is not None
        setup, roots = hive.find(("Setup",)), hive.find(tuple(ROOTS.split("\\")))
        assert setup is not None
        assert roots is not None
        assert {value.name for value in hive.values(setup)} == {"SFCDisable", "Booted"}, at
        assert {value.name for value in hive.values(roots)} == {"/", "/scripts", "/c"}, at
        assert hive.find(("ControlSet001", "Services", "Inert", "Parameters", "Deep")) is not None, at
        stage.reset()
        if not killed:
            break
        at += 1
    assert at > 60


def test_a_dirty_hive_killed_at_every_step(dirty: DirtyStage) -> None:
    """Dirty as it was, or whole, or marked: never a hive that only looks whole. The logs are never touched."""
    states = list_states(dirty)
    assert [is_dirty(raw) for raw in states] == [True, False, False]
    words, torn = (apply_plan, roll_back), 0
    for word in words:
        at = 1
        while True:
            if word is roll_back:
                apply_plan(dirty.plan, dirty.target, dirty.case)
            if not dirty.run(word, at):
                break
            torn += not dirty.check_marked_or_whole(set(states))
            if at % 2:
                apply_plan(dirty.plan, dirty.target, dirty.case)
                assert dirty.hive.read_bytes() == states[-1], (word, at)
            if dirty.has_begun():
                roll_back(dirty.plan, dirty.target, dirty.case)
            assert hash_tree(dirty.root) == dirty.old, (word, at)
            dirty.reset()
            at += 1
        assert at > 20
        dirty.reset()
    assert torn > 10
