from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.export.plans import render_plan
from codered.model.finding import Finding
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.plan_accounts import hide_password
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line
from tests.fixtures.packs_for_plans import make_report

PASSWD = b"root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n"
SHADOW = b"root:$6$inert:19000:0:99999:7:::\nwww-data:$6$inert:20000::::::\ntoor:$6$inert:20000::::::\n"


@pytest.fixture
def etc(root: Path) -> Path:
    (root / "etc").mkdir()
    (root / "etc/passwd").write_bytes(PASSWD)
    (root / "etc/shadow").write_bytes(SHADOW)
    (root / "etc/shadow").chmod(0o640)
    return root / "etc"


def find_account(target: FolderTarget, name: str, remedy: str) -> Finding:
    body = (Path(target.info.root) / "etc/passwd").read_bytes()
    line = next(line for line in body.split(b"\n") if line.startswith(name.encode() + b":"))
    return replace(find_line(target, "etc/passwd", line, kind="account", key=name, remedy=remedy), layer="accounts")


def plan_for(target: FolderTarget, *findings: Finding) -> Plan:
    return make_plan(make_report(target, *findings), (), target)


def test_a_second_root_leaves_passwd_and_shadow(root: Path, target: FolderTarget, case: Path, etc: Path) -> None:
    before = hash_tree(root)
    plan = plan_for(target, find_account(target, "toor", "remove_line"))
    assert [(action.kind, action.shown) for action in plan.actions] == [
        ("remove_line", "/etc/passwd"),
        ("remove_line", "/etc/shadow"),
    ]
    assert "Set a new password for root and for whoever used toor" in plan.advice[0]
    apply_plan(plan, target, case)
    assert (etc / "passwd").read_bytes() == PASSWD[: PASSWD.index(b"toor")]
    assert (etc / "shadow").read_bytes() == SHADOW[: SHADOW.index(b"toor")]
    assert (etc / "shadow").stat().st_mode & 0o777 == 0o640
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_an_account_is_locked(root: Path, target: FolderTarget, case: Path, etc: Path) -> None:
    before = hash_tree(root)
    plan = plan_for(target, find_account(target, "www-data", "lock_account"))
    assert {action.kind for action in plan.actions} == {"lock_account"}
    assert "inert" not in render_plan(plan).replace(str(root), "")
    assert "becomes: www-data:!…:20000::::::" in render_plan(plan)
    apply_plan(plan, target, case)
    assert b"\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n" in (etc / "passwd").read_bytes()
    assert b"\nwww-data:!$6$inert:20000::::::\n" in (etc / "shadow").read_bytes()
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_several_accounts_are_one_edit_a_file(target: FolderTarget, case: Path, etc: Path) -> None:
    plan = plan_for(
        target, find_account(target, "toor", "remove_line"), find_account(target, "www-data", "lock_account")
    )
    assert len(plan.actions) == 2
    apply_plan(plan, target, case)
    assert (etc / "passwd").read_bytes() == (
        b"root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n"
    )
    assert (etc / "shadow").read_bytes().endswith(b"\nwww-data:!$6$inert:20000::::::\n")


def left(plan: Plan) -> str:
    assert plan.actions == ()
    (item,) = plan.left_alone
    return item.because


@pytest.mark.parametrize("remedy", ["remove_line", "lock_account"])
def test_root_itself_is_never_changed(target: FolderTarget, etc: Path, remedy: str) -> None:
    assert "root itself is never changed" in left(plan_for(target, find_account(target, "root", remedy)))
    line = SHADOW.split(b"\n")[0]
    setting = find_line(target, "etc/shadow", line, kind="setting", key="shadow", remedy="remove_line")
    assert "root itself is never changed" in left(plan_for(target, setting))


def test_the_last_account_with_uid_0_stays(target: FolderTarget, etc: Path) -> None:
    (etc / "passwd").write_bytes(b"admin:x:0:0::/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n")
    found = (find_account(target, "admin", "remove_line"), find_account(target, "toor", "remove_line"))
    plan = plan_for(target, *found)
    assert all(action.shown != "/etc/passwd" for action in plan.actions)
    assert "no account with uid 0 would be left" in plan.left_alone[0].because


def test_passwords_in_passwd_and_no_shadow(target: FolderTarget, case: Path, etc: Path) -> None:
    (etc / "shadow").unlink()
    (etc / "passwd").write_bytes(b"root:x:0:0::/:/bin/sh\nnews::9:9::/:/bin/sh\nuucp:hash:10:10::/:/bin/false\n")
    plan = plan_for(target, find_account(target, "news", "lock_account"), find_account(target, "uucp", "lock_account"))
    apply_plan(plan, target, case)
    assert (etc / "passwd").read_bytes() == (
        b"root:x:0:0::/:/bin/sh\nnews:!:9:9::/:/usr/sbin/nologin\nuucp:!hash:10:10::/:/bin/false\n"
    )


def test_what_needs_no_locking_or_does_not_parse(target: FolderTarget, etc: Path) -> None:
    (etc / "passwd").write_bytes(b"root:x:0:0::/:/bin/sh\nnews:*:9:9::/:/usr/sbin/nologin\nodd:x\n")
    assert "locked already" in left(plan_for(target, find_account(target, "news", "lock_account")))
    assert "does not parse" in left(plan_for(target, find_account(target, "odd", "lock_account")))
    (etc / "other").write_bytes(b"evil:x:0:0::/:/bin/sh\n")
    odd = find_line(target, "etc/other", b"evil:x:0:0::/:/bin/sh", kind="account", key="evil")
    assert "not in /etc/passwd" in left(plan_for(target, odd))


def test_a_shared_name_keeps_its_password(target: FolderTarget, case: Path, etc: Path) -> None:
    (etc / "passwd").write_bytes(PASSWD + b"www-data:x:0:0::/:/bin/sh\n")
    line = b"www-data:x:0:0::/:/bin/sh"
    finding = find_line(target, "etc/passwd", line, kind="account", key="www-data")
    plan = plan_for(target, finding)
    assert [action.shown for action in plan.actions] == ["/etc/passwd"]
    apply_plan(plan, target, case)
    assert (etc / "passwd").read_bytes() == PASSWD


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("a:$6$x$y:1:2", "a:…:1:2"),
        ("a:!$6$x:1", "a:!…:1"),
        ("a:x:0:0", "a:x:0:0"),
        ("a:*:1", "a:*:1"),
        ("a::1", "a::1"),
        ("a", "a"),
        ("a:secret", "a:…"),
    ],
)
def test_hashes_are_not_shown(line: str, hidden: str) -> None:
    assert hide_password(line) == hidden
