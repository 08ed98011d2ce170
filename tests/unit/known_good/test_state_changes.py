from pathlib import Path

from msgspec.structs import replace

from codered.known_good.state_changes import SystemSeen, compare_packages, compare_states
from codered.model.known_good import (
    AccountRecord,
    AutostartRecord,
    Baseline,
    KeyRecord,
    ListenerRecord,
    PackageRecord,
)
from codered.model.paths import FilePath
from codered.model.persistence import Account, AuthorizedKey, Autostart
from tests.unit.known_good.test_storing import small_baseline

BASH, KERNEL = PackageRecord("dpkg", "bash", "5.1", "amd64"), PackageRecord("rpm", "kernel", "6.1")
CRON = AutostartRecord("cron", b"etc/crontab", 3, "root", "aa")
UNIT = AutostartRecord("systemd", b"etc/systemd/system/x.service", 0, "x", "bb")
ANN = AccountRecord("ann", 1000, 1000, "/home/ann", "/bin/sh", "set")
KEY = KeyRecord("ann", b"home/ann/.ssh/authorized_keys", "SHA256:x", "cc")
SSHD = ListenerRecord("tcp", "0.0.0.0", 22, "/usr/sbin/sshd")


def _baseline() -> Baseline:
    return replace(
        small_baseline(),
        packages=(BASH, KERNEL),
        autostart=(CRON, UNIT),
        accounts=(ANN,),
        keys=(KEY,),
        listeners=(SSHD,),
    )


def _entry(record: AutostartRecord, package: str = "") -> Autostart:
    return Autostart(
        kind="cron", path=FilePath("/" + record.rel.decode()), line=record.line, text=b"* * * * * true" * 40,
        command="true", origin="package" if package else "foreign", package=package, sha256="ff", size=9,
    )  # fmt: skip


def _account(record: AccountRecord) -> Account:
    return Account(name=record.name, uid=record.uid, gid=record.gid, path=FilePath("/etc/passwd"), line=7, text=b"l")


def _key(record: KeyRecord) -> AuthorizedKey:
    return AuthorizedKey(account=record.account, path=FilePath("/k"), line=2, text=b"ssh-ed25519 AAAA")


def _seen(**changed: object) -> SystemSeen:
    same = SystemSeen(
        packages=(BASH, KERNEL),
        autostart=((CRON, _entry(CRON)), (UNIT, _entry(UNIT))),
        accounts=((ANN, _account(ANN)),),
        keys=((KEY, _key(KEY)),),
        listeners=(SSHD,),
        has_listeners=True,
    )
    return same._replace(**changed)  # type: ignore[arg-type]


def test_the_same_is_no_deviation_nor_is_what_went(tmp_path: Path) -> None:
    assert not list(compare_states(_baseline(), _seen()))
    assert not list(compare_states(_baseline(), _seen(autostart=(), accounts=(), keys=(), listeners=())))


def test_packages_new_gone_and_of_another_version() -> None:
    now = (PackageRecord("dpkg", "bash", "5.2", "amd64"), PackageRecord("dpkg", "nmap", "7"))
    found = {(item.kind, item.name, item.expected, item.actual) for item in compare_packages((BASH, KERNEL), now)}
    assert found == {
        ("changed-package", "bash", "5.1", "5.2"),
        ("new-package", "nmap", "not installed", "7"),
        ("missing-package", "kernel", "6.1", "not installed"),
    }
    two = (KERNEL, PackageRecord("rpm", "kernel", "6.2"))
    assert [item.actual for item in compare_packages((KERNEL,), two)] == ["6.1, 6.2"]


def test_a_new_line_carries_what_it_takes_to_remove_it() -> None:
    new = AutostartRecord("cron", b"etc/crontab", 9, "root", "ee")
    (found,) = compare_states(_baseline(), _seen(autostart=((CRON, _entry(CRON)), (new, _entry(new)))))
    assert (found.kind, found.name, found.line, found.line_sha256) == ("new-autostart", "cron", 9, "ee")
    assert found.text == (b"* * * * * true" * 40)[:256]
    assert found.path == FilePath("/etc/crontab")
    assert found.actual == "true"


def test_a_line_that_only_moved_is_no_deviation() -> None:
    moved = AutostartRecord("cron", b"etc/crontab", 8, "root", "aa")
    assert not list(compare_states(_baseline(), _seen(autostart=((moved, _entry(moved)),))))


def test_a_whole_file_is_new_or_changed_whatever_a_changed_package_says_of_it() -> None:
    changed = AutostartRecord("systemd", UNIT.rel, 0, "x", "dd")
    new = AutostartRecord("systemd", b"etc/systemd/system/y.service", 0, "y", "dd")
    seen = _seen(autostart=((changed, _entry(changed)), (new, _entry(new))))
    assert [(item.kind, item.line, item.sha256) for item in compare_states(_baseline(), seen)] == [
        ("changed-autostart", 0, "ff"),
        ("new-autostart", 0, "ff"),
    ]
    packages = (PackageRecord("dpkg", "bash", "5.2", "amd64"), KERNEL)
    brought = _seen(packages=packages, autostart=((new, _entry(new, "bash")),))
    assert [item.kind for item in compare_states(_baseline(), brought)] == ["changed-package", "new-autostart"]
    other = _seen(autostart=((new, _entry(new, "bash")),))  # of a package that did not change: somebody planted it
    assert [item.kind for item in compare_states(_baseline(), other)] == ["new-autostart"]


def test_accounts_and_keys() -> None:
    eve = AccountRecord("eve", 0, 0, "/", "/bin/sh", "empty", ("sudo",))
    raised = AccountRecord("ann", 0, 1000, "/home/ann", "/bin/sh", "set")
    stranger = KeyRecord("ann", KEY.rel, "SHA256:y", "dd")
    seen = _seen(accounts=((raised, _account(raised)), (eve, _account(eve))), keys=((stranger, _key(stranger)),))
    account, new, key = compare_states(_baseline(), seen)
    assert (account.kind, new.kind, key.kind) == ("changed-account", "new-account", "new-key")
    assert "uid 0" in account.actual
    assert "uid 1000" in account.expected
    assert new.actual == "uid 0, gid 0, home /, shell /bin/sh, password empty, groups sudo"
    assert (new.line, key.line, key.line_sha256, key.name) == (7, 2, "dd", "SHA256:y")


def test_listeners_only_where_somebody_looked() -> None:
    new = ListenerRecord("tcp", "::", 4444, "")
    (found,) = compare_states(_baseline(), _seen(listeners=(SSHD, new, new)))
    assert (found.kind, found.name) == ("new-listener", "listener tcp [::]:4444")
    assert found.path is None
    assert not list(compare_states(_baseline(), _seen(listeners=(new,), has_listeners=False)))
