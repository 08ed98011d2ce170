"""Accounts as they stand in passwd, shadow and group."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import accounts
from codered.collect.accounts import AccountsSeen, collect_accounts
from codered.model.persistence import Account
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash
ann:x:1000:1000:Ann:/home/ann:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
SHADOW = "root:*:20228:0:99999:7:::\nann:$6$x$y:20300:0:99999:7:::\npostgres:!:20300::::::\n"
GROUP = "root:x:0:\nsudo:x:27:ann,bob\nwheel:x:28:\nann:x:1000:\n"


def collect(root: Path, passwd: str, shadow: str = SHADOW) -> AccountsSeen:
    return collect_again(make_root(root), passwd, shadow)


def collect_again(root: Path, passwd: str, shadow: str = SHADOW) -> AccountsSeen:
    write(root, {"etc/passwd": passwd, "etc/shadow": shadow, "etc/group": GROUP, "etc/shells": "/bin/sh\n/bin/bash\n"})
    return collect_accounts(open_target(str(root)))


def named(seen: AccountsSeen) -> dict[str, Account]:
    return {account.name: account for account in seen.accounts}


def test_accounts_with_their_passwords_and_groups(tmp_path: Path) -> None:
    found = named(collect(tmp_path, PASSWD))
    ann, root, postgres = found["ann"], found["root"], found["postgres"]
    assert (ann.uid, ann.line, ann.password, ann.changed, ann.groups) == (1000, 5, "set", date(2025, 7, 31), ("sudo",))
    assert (root.password, root.groups, root.system) == ("locked", ("root",), False)
    assert (postgres.password, postgres.system) == ("locked", True)
    assert postgres.facts == {"login-shell", "home-missing"}
    assert found["daemon"].facts == {"classic-system", "home-missing"}
    assert found["nobody"].system
    assert found["sync"].password == "locked"
    assert ann.text == b"ann:x:1000:1000:Ann:/home/ann:/bin/bash"


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("x:x:0:0::/root:/bin/bash", {"uid-0-twin", "login-shell"}),
        ("x:$1$a$b:2000:1::/root:/bin/sh", {"hash-in-passwd", "login-shell"}),
        ("x:x:1000:1::/root:/bin/sh", {"uid-twin", "login-shell"}),
        ("+::::::", {"from-network", "login-shell", "home-missing"}),
        ("x", {"does-not-parse", "home-missing", "login-shell"}),
        (
            "x:x:2001:1::/root:/usr/sbin/nologin ",
            {"login-shell", "shell-deceptive", "shell-foreign", "shell-not-listed"},
        ),
        ("x:x:2001:1::/root:/tmp/.sh", {"login-shell", "shell-in-odd-place", "shell-foreign", "shell-not-listed"}),
        ("x:x:2001:1::/root:/opt/gone", {"shell-missing", "shell-not-listed"}),
        ("x:x:99999999999:1::/root:/bin/sh", {"does-not-parse", "login-shell"}),
    ],
)
def test_odd_lines(tmp_path: Path, line: str, facts: set[str]) -> None:
    make_root(tmp_path)
    write(tmp_path, {"usr/sbin/nologin ": "", "tmp/.sh": ""})
    own(tmp_path, "x", {"usr/bin/x": ""})
    write(tmp_path, {"etc/passwd": PASSWD + line + "\n", "etc/shadow": SHADOW, "etc/shells": "/bin/sh\n"})
    assert collect_accounts(open_target(str(tmp_path))).accounts[-1].facts == facts


@pytest.mark.parametrize(
    ("login_defs", "home", "system"),
    [
        ("", "/srv", True),
        ("# UID_MIN 500\nUID_MIN\t\t 500\n", "/srv", False),
        ("UID_MIN 1\n", "/srv", False),
        ("", "/home/ann", False),
        ("", "/home/gone", True),
    ],
)
def test_where_the_numbers_of_people_begin(tmp_path: Path, login_defs: str, home: str, system: bool) -> None:
    make_root(tmp_path)
    write(tmp_path, {"etc/login.defs": login_defs})
    lines = f"x:x:600:600::{home}:/bin/sh\nlow:x:450:450::{home}:/bin/sh\nlater:x:1200:1200::/srv:/bin/sh\n"
    found = named(collect_again(tmp_path, PASSWD + lines))
    assert (found["x"].system, found["low"].system, found["later"].system) == (system, True, False)


def test_a_second_root_of_the_same_name(tmp_path: Path) -> None:
    seen = collect(tmp_path, PASSWD + "root:x:0:0::/root:/bin/bash\n")
    assert ["uid-0-twin" in account.facts for account in seen.accounts].index(True) == 6


def test_a_password_that_can_not_be_read_is_unknown(tmp_path: Path) -> None:
    make_root(tmp_path)
    seen = collect_accounts(open_target(str(tmp_path)))
    assert {account.password for account in seen.accounts} == {"unknown"}


def test_no_list_of_accounts_is_said(tmp_path: Path) -> None:
    make_root(tmp_path)
    (tmp_path / "etc/passwd").unlink()
    seen = collect_accounts(open_target(str(tmp_path)))
    assert seen.accounts == ()
    assert [item.rel for item in seen.unread] == [b"etc/passwd"]


def test_more_accounts_than_are_kept_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MOST_ACCOUNTS", 2)
    seen = collect(tmp_path, PASSWD)
    assert len(seen.accounts) == 2
    assert any("accounts" in item.why for item in seen.unread)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_give_accounts(passwd: bytes, shadow: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        root = make_root(Path(folder))
        (root / "etc/passwd").write_bytes(b"root:x:0:0::/root:/bin/sh\n" + passwd)
        (root / "etc/shadow").write_bytes(shadow)
        (root / "etc/group").write_bytes(b"sudo:x:27:" + shadow)
        seen = collect_accounts(open_target(str(root)))
        assert seen.accounts[0].name == "root"
