"""`kill -9` before every change on the disk, for edits of files and links of services: both words go on after it."""

import os
import shutil
from pathlib import Path

import pytest

from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.file_state import CAPABILITIES
from codered.remediate.planning import make_plan
from tests.crash.test_crashes import Stage
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line, find_whole
from tests.fixtures.packs_for_plans import make_report

EVIL = b"* * * * * root /tmp/inert-marker"
UNIT = "etc/systemd/system/inert.service"
LINKS = ("etc/systemd/system/a.wants/inert.service", "etc/systemd/system/b.wants/inert.service")
RAW = bytes.fromhex("0100000280000000000000000000000000000000")
TIME = (1_000_000_001, 1_000_000_002)

Tree = dict[str, tuple[object, ...]]


class EditStage(Stage):
    """A root with a planted cron line, a second root, SUID and capabilities, and a unit with two links."""

    def check_no_third_state(self, new: Tree) -> None:
        """Every file is as before or as after, times apart, except what has two rights to lose and the links."""
        now = forget_times(hash_tree(self.root))
        old, new = forget_times(self.old), forget_times(new)
        for name in ("etc/crontab", "etc/passwd", "etc/shadow"):
            assert now[name] in (old[name], new[name]), name

    def _lay_out(self) -> None:
        for folder in ("etc/systemd/system/a.wants", "etc/systemd/system/b.wants", "usr/bin"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "etc/crontab").write_bytes(b"# mine\n" + EVIL + b"\nlast")
        (self.root / "etc/passwd").write_bytes(b"root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n")
        (self.root / "etc/shadow").write_bytes(b"root:*:1::::::\ntoor:inert:1::::::\n")
        (self.root / "etc/shadow").chmod(0o640)
        (self.root / "usr/bin/inert").write_bytes(b"INERT")
        (self.root / "usr/bin/inert").chmod(0o4755)
        os.setxattr(self.root / "usr/bin/inert", CAPABILITIES, RAW)
        (self.root / UNIT).write_bytes(b"[Service]\n")
        for link in LINKS:
            (self.root / link).symlink_to("../inert.service")
        for path in (*sorted(self.root.rglob("*"), reverse=True), self.root):
            os.utime(path, ns=TIME, follow_symlinks=False)

    def _make_plan(self) -> Plan:
        root, cron = b"toor:x:0:0::/:/bin/sh", find_line(self.target, "etc/crontab", EVIL)
        findings = (
            cron,
            find_line(self.target, "etc/passwd", root, kind="account", key="toor"),
            find_whole(self.target, "usr/bin/inert", key="suid", remedy="reset_setting"),
            find_whole(self.target, "usr/bin/inert", key="capabilities", remedy="reset_setting"),
            find_whole(self.target, UNIT, key="systemd", remedy="remove_service", links=LINKS),
        )
        return make_plan(make_report(self.target, *findings), (), self.target, Wishes(owner_of=lambda _: ""))

    @staticmethod
    def _keep(to: Path, source: Path) -> None:
        shutil.copytree(source, to, symlinks=True)
        for path in (*sorted(to.rglob("*"), reverse=True), to):
            os.utime(path, ns=TIME, follow_symlinks=False)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EditStage:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return EditStage(tmp_path, unnamed=True)


def forget_times(tree: Tree) -> Tree:
    return {
        name: (*facts[:3], *facts[4:]) for name, facts in tree.items() if not Path(name).name.startswith(".codered-")
    }


def find_new(stage: EditStage) -> Tree:
    apply_plan(stage.plan, stage.target, stage.case)
    new = hash_tree(stage.root)
    stage.reset()
    return new


def test_the_plan_has_every_kind(stage: EditStage) -> None:
    assert [action.kind for action in stage.plan.actions] == [
        "remove_line", "reset_setting", "quarantine_file", "disable_service", "remove_line", "remove_line",
    ]  # fmt: skip
    new = find_new(stage)
    assert new["etc/systemd/system/inert.service"][0] == "0o120777"
    assert LINKS[0] not in new
    assert isinstance(stage.target, FolderTarget)


def test_apply_killed_at_every_step(stage: EditStage) -> None:
    new = find_new(stage)
    at = 1
    while stage.run(apply_plan, at):
        stage.check_no_third_state(new)
        assert len(apply_plan(stage.plan, stage.target, stage.case).done) == 6
        assert forget_times(hash_tree(stage.root)) == forget_times(new), at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 90  # the plan makes at least so many changes; fewer would mean the wrapping is broken


def test_rollback_after_a_killed_apply(stage: EditStage) -> None:
    at = 1
    while stage.run(apply_plan, at):
        if stage.has_begun():
            roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 90


def test_rollback_killed_at_every_step(stage: EditStage) -> None:
    new = find_new(stage)
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        if not stage.run(roll_back, at):
            break
        stage.check_no_third_state(new)
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert hash_tree(stage.root) == stage.old
    assert at > 45


def test_apply_after_a_killed_rollback(stage: EditStage) -> None:
    new = find_new(stage)
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        if not stage.run(roll_back, at):
            break
        apply_plan(stage.plan, stage.target, stage.case)
        assert forget_times(hash_tree(stage.root)) == forget_times(new), at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
