import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.plan import LeftAlone, Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line, find_whole
from tests.fixtures.packs_for_plans import make_pack, make_report

EVIL = b"* * * * * root /tmp/.x/inert-marker"
KEY = b"ssh-ed25519 AAAAINERT planted"


@pytest.fixture
def tab(root: Path) -> Path:
    (root / "etc").mkdir()
    (root / "etc/crontab").write_bytes(b"# mine\n" + EVIL + b"\n0 3 * * * root /usr/local/bin/backup\n")
    os.utime(root / "etc/crontab", ns=(1_000_000_001, 1_000_000_002))
    return root / "etc/crontab"


def plan_for(target: FolderTarget, *findings: object, **wishes: object) -> Plan:
    return make_plan(make_report(target, *findings), (make_pack("one", {}),), target, Wishes(**wishes))  # type: ignore[arg-type]


def test_a_line_goes_and_all_comes_back(root: Path, target: FolderTarget, case: Path, tab: Path) -> None:
    before = hash_tree(root)
    plan = plan_for(target, find_line(target, "etc/crontab", EVIL))
    (action,) = plan.actions
    assert (action.kind, action.because, action.shown) == (
        "remove_line",
        "It looks planted (weight 120)",
        "/etc/crontab",
    )
    assert action.edit is not None
    assert [(change.line, change.shown) for change in action.edit.lines] == [(2, EVIL.decode())]
    assert plan.left_alone == ()
    apply_plan(plan, target, case)
    assert tab.read_bytes() == b"# mine\n0 3 * * * root /usr/local/bin/backup\n"
    assert apply_plan(plan, target, case).already
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_lines_of_one_file_are_one_action(target: FolderTarget, case: Path, tab: Path) -> None:
    other = b"@reboot root /tmp/.y"
    tab.write_bytes(tab.read_bytes() + other)
    found = (find_line(target, "etc/crontab", other), find_line(target, "etc/crontab", EVIL))
    (action,) = (plan := plan_for(target, *found, found[0])).actions
    assert action.edit is not None
    assert [change.line for change in action.edit.lines] == [2, 4]
    assert set(action.findings) == {finding.id for finding in found}
    apply_plan(plan, target, case)
    assert tab.read_bytes() == b"# mine\n0 3 * * * root /usr/local/bin/backup\n"


def test_a_key_goes(root: Path, target: FolderTarget, case: Path) -> None:
    keys = root / "root/.ssh/authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_bytes(b"ssh-ed25519 AAAAMINE me\n" + KEY)
    keys.chmod(0o600)
    finding = find_line(target, "root/.ssh/authorized_keys", KEY, kind="key", key="SHA256:x", remedy="remove_key")
    plan = plan_for(target, finding)
    assert [action.kind for action in plan.actions] == ["remove_key"]
    assert any("make new SSH host keys" in line for line in plan.advice)
    apply_plan(plan, target, case)
    assert keys.read_bytes() == b"ssh-ed25519 AAAAMINE me\n"
    assert keys.stat().st_mode & 0o777 == 0o600


def test_a_line_that_moved_is_found_again(target: FolderTarget, case: Path, tab: Path) -> None:
    finding = find_line(target, "etc/crontab", EVIL)
    tab.write_bytes(b"# new\n" + tab.read_bytes())
    plan = plan_for(target, finding)
    apply_plan(plan, target, case)
    assert EVIL not in tab.read_bytes()


def left(plan: Plan) -> str:
    assert plan.actions == ()
    (item,) = plan.left_alone
    return item.because


def test_what_can_not_be_found_is_left(root: Path, target: FolderTarget, tab: Path) -> None:
    finding = find_line(target, "etc/crontab", EVIL)
    body = tab.read_bytes()
    tab.write_bytes(b"# new\n" + EVIL + b" \n" + EVIL + b"\n" + EVIL + b"\n")
    assert "2 lines are the same" in left(plan_for(target, finding))
    tab.write_bytes(b"# clean\n")
    assert "the line is gone or changed" in left(plan_for(target, finding))
    assert "which line it is" in left(plan_for(target, replace(finding, evidence=finding.evidence[1:])))
    tab.unlink()
    assert "it is gone" in left(plan_for(target, finding))
    (root / "else").write_bytes(body)
    tab.symlink_to(root / "else")
    assert "it is a link" in left(plan_for(target, finding))


def test_only_the_line_that_was_seen(target: FolderTarget, case: Path, tab: Path) -> None:
    tab.write_bytes(EVIL + b"\nkept\n" + EVIL + b"\n")
    apply_plan(plan_for(target, find_line(target, "etc/crontab", EVIL, number=3)), target, case)
    assert tab.read_bytes() == EVIL + b"\nkept\n"


def test_suspicious_and_protected_lines(target: FolderTarget, tab: Path) -> None:
    finding = find_line(target, "etc/crontab", EVIL, confidence="suspicious")
    assert "only suspicious" in left(plan_for(target, finding))
    assert len(plan_for(target, finding, include_suspicious=True).actions) == 1
    packs = (make_pack("one", {}, protects=("/etc/crontab",)),)
    plan = make_plan(make_report(target, find_line(target, "etc/crontab", EVIL)), packs, target)
    assert "must not be touched" in left(plan)


def test_the_whole_file_goes_with_its_lines(root: Path, target: FolderTarget) -> None:
    (root / "etc/cron.d").mkdir(parents=True)
    (root / "etc/cron.d/x").write_bytes(EVIL + b"\n")
    whole = find_whole(target, "etc/cron.d/x", key="cron", remedy="quarantine_file")
    suspicious = find_line(target, "etc/cron.d/x", EVIL, confidence="suspicious", number=1)
    plan = plan_for(target, find_line(target, "etc/cron.d/x", EVIL), whole, suspicious)
    assert [action.kind for action in plan.actions] == ["quarantine_file"]
    assert plan.left_alone == ()
    assert len(plan.actions[0].findings) == 2


def test_a_file_the_system_needs_is_never_taken_away(target: FolderTarget, tab: Path) -> None:
    plan = plan_for(target, find_whole(target, "etc/crontab", key="cron", remedy="quarantine_file"))
    assert plan.left_alone == (
        LeftAlone(
            what="/etc/crontab",
            because="the system needs this file: edit it by hand, or give a known-good one with --restore-from",
        ),
    )


def test_an_edit_between_plan_and_apply_is_refused(target: FolderTarget, case: Path, tab: Path) -> None:
    plan = plan_for(target, find_line(target, "etc/crontab", EVIL))
    tab.write_bytes(tab.read_bytes() + b"# me\n")
    with pytest.raises(Refused, match="another content"):
        apply_plan(plan, target, case)
    assert tab.read_bytes().endswith(b"# me\n")


@pytest.mark.parametrize("odd", [b"\0\x1b[2J\xff" * 10, b"x" * 1_000_000, b"crlf\r", b""])
def test_hostile_lines(root: Path, target: FolderTarget, case: Path, tab: Path, odd: bytes) -> None:
    tab.write_bytes(b"# mine\n" + odd + b"\nlast")
    before = hash_tree(root)
    plan = plan_for(target, find_line(target, "etc/crontab", odd))
    apply_plan(plan, target, case)
    assert tab.read_bytes() == b"# mine\nlast"
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_many_lines_of_one_file(target: FolderTarget, case: Path, tab: Path) -> None:
    tab.write_bytes(b"".join(b"* * * * * root /tmp/inert%d\n" % number for number in range(400)))
    found = [
        find_line(target, "etc/crontab", b"* * * * * root /tmp/inert%d" % number, number=number + 1)
        for number in range(400)
    ]
    plan = plan_for(target, *found)
    apply_plan(plan, target, case)
    assert tab.read_bytes() == b""
