import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Finding
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget
from tests.fixtures.findings_for_plans import find_line
from tests.fixtures.packs_for_plans import make_report

FILE = "root/.ssh/authorized_keys"
MINE = [b"ssh-ed25519 AAAAMINE%d me@home" % number for number in range(3)]
THEIRS = b'no-pty,command="/bin/true" ssh-rsa AAAATHEIRS x'


def write(root: Path, *lines: bytes) -> datetime:
    """The file with these lines; when it was written."""
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"# keys\n\n" + b"\n".join(lines) + b"\n")
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def find(target: FolderTarget, line: bytes, seen: datetime | None, indicator: str = "key-recent") -> Finding:
    found = find_line(target, FILE, line, kind="key", key=line.decode()[-12:], remedy="remove_key")
    return replace(found, indicator=indicator, first_seen=seen)


def plan_for(target: FolderTarget, *findings: Finding, suspicious: bool = False) -> Plan:
    wishes = Wishes(include_suspicious=suspicious)
    return make_plan(make_report(target, *findings), (), target, wishes)


def removed(plan: Plan) -> list[str]:
    return [change.shown for action in plan.actions if action.edit for change in action.edit.lines]


def test_who_planted_one_key_makes_the_others_look_new(root: Path, target: FolderTarget) -> None:
    seen = write(root, *MINE, THEIRS)
    found = [find(target, line, seen) for line in (*MINE, THEIRS)]
    plan = plan_for(target, *found)
    assert removed(plan) == []
    assert len(plan.left_alone) == 4
    assert all("no key would be left" in item.because for item in plan.left_alone)
    assert all("--include-suspicious" in item.because for item in plan.left_alone)


def test_with_include_suspicious_all_go_and_the_plan_says_so(root: Path, target: FolderTarget, case: Path) -> None:
    seen = write(root, *MINE, THEIRS)
    plan = plan_for(target, *(find(target, line, seen) for line in (*MINE, THEIRS)), suspicious=True)
    (action,) = plan.actions
    assert "see that you can log in otherwise" in action.because
    apply_plan(plan, target, case)
    assert (root / FILE).read_bytes() == b"# keys\n\n"


@pytest.mark.parametrize("count", [1, 3])
def test_as_long_as_a_key_is_left_the_others_may_go(root: Path, target: FolderTarget, count: int) -> None:
    seen = write(root, *MINE, THEIRS)
    found = [find(target, line, seen) for line in (*MINE, THEIRS)[-count:]]
    plan = plan_for(target, *found)
    assert len(removed(plan)) == count
    assert plan.left_alone == ()
    assert "otherwise" not in plan.actions[0].because


@pytest.mark.parametrize("decoy", [b"# ssh-ed25519 AAAADECOY", b"nothing at all", b"  #ssh-rsa AAAA", b"ssh-rsa"])
def test_what_is_no_key_leaves_nobody_in(root: Path, target: FolderTarget, decoy: bytes) -> None:
    seen = write(root, *MINE, decoy)
    assert removed(plan_for(target, *(find(target, line, seen) for line in MINE))) == []


@pytest.mark.parametrize("indicator", ["key-of-classic-account", "key-runs-download", "key-sets-loader"])
def test_keys_that_nobody_uses_go_whatever_is_left(root: Path, target: FolderTarget, indicator: str) -> None:
    seen = write(root, MINE[0], THEIRS)
    sure = find(target, THEIRS, seen, indicator)
    plan = plan_for(target, find(target, MINE[0], seen), sure)
    assert removed(plan) == [THEIRS.decode()]
    assert len(plan.left_alone) == 1
    plan = plan_for(target, find(target, MINE[0], seen, indicator), sure)
    assert len(removed(plan)) == 2


def test_a_key_that_came_alone_goes(root: Path, target: FolderTarget) -> None:
    """Whoever had another in this file before has lost it already."""
    seen = write(root, THEIRS)
    plan = plan_for(target, find(target, THEIRS, seen), find(target, THEIRS, seen))
    assert removed(plan) == [THEIRS.decode()]
    assert "see that you can log in otherwise" in plan.actions[0].because


def test_an_old_file_whose_last_key_is_accused_stays(root: Path, target: FolderTarget) -> None:
    """Only its time of change is new: its owner or its mode was changed, not what it holds."""
    seen = write(root, MINE[0])
    old = (seen - timedelta(days=90)).timestamp()
    os.utime(root / FILE, (old, old))
    assert removed(plan_for(target, find(target, MINE[0], seen))) == []
    assert removed(plan_for(target, find(target, MINE[0], None))) == []
    assert removed(plan_for(target, find(target, MINE[0], seen), suspicious=True)) == [MINE[0].decode()]
