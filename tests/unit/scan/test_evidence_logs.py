import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.evidence.reading import read_item
from codered.model.paths import FilePath
from codered.scan import evidence_logs
from codered.scan.evidence_logs import collect_logs, find_logs
from codered.scan.evidence_secrets import REASON, Secrets, load_secrets, recognise_secrets
from codered.scan.evidence_subjects import find_subjects
from codered.targets import open_target
from tests.fixtures.evidence import open_container, read_manifest

SINCE = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root/var/log"
    (folder / "apache2").mkdir(parents=True)
    (folder / "journal/abc").mkdir(parents=True)
    for name, hours in (
        ("syslog", 2), ("syslog.1", -2), ("apache2/access.log", 1), ("apache2/x\nlog", 1), ("mine.txt", 1),
        ("journal/abc/system.journal", 1),
    ):  # fmt: skip
        path = folder / name
        path.write_bytes(b"0123456789")
        when = (SINCE + timedelta(hours=hours)).timestamp()
        os.utime(path, (when, when))
    os.mkfifo(folder / "apache2/fifo")
    (folder / "apache2/link").symlink_to("/etc/passwd")
    return tmp_path / "root"


def test_logs_that_were_written_to_in_time_are_kept(root: Path, tmp_path: Path) -> None:
    target = open_target(str(root))
    named = (FilePath(str(root / "var/log/mine.txt")), FilePath("/outside"))
    subjects = replace(find_subjects(None, None, ""), since=SINCE, logs=named)
    logs = find_logs(target, subjects)
    assert {log.rel for log in logs if not log.in_time} == {b"var/log/syslog.1"}
    assert sum(log.size for log in logs) == 60
    container = open_container(tmp_path)
    collect_logs(container, target, (logs, SINCE), Secrets())
    folder = Path(container.finish().folder)
    manifest = read_manifest(folder)
    kept = {item.origin.path.to_bytes() for item in manifest.items if item.origin.path}
    top = os.fsencode(root) + b"/var/log/"
    assert kept == {
        top + name
        for name in (b"mine.txt", b"syslog", b"apache2/access.log", b"apache2/x\nlog", b"journal/abc/system.journal")
    }
    assert [left.because for left in manifest.left_out] == ["not written to since 2026-11-20 11:00:00 UTC"]
    assert read_item(folder, manifest.items[0]) == b"0123456789"


def test_of_a_large_log_the_end_is_kept(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_logs, "MOST_LOG", 4)
    target = open_target(str(root))
    logs = find_logs(target, replace(find_subjects(None, None, ""), since=SINCE))
    container = open_container(tmp_path)
    syslog = tuple(log for log in logs if log.rel == b"var/log/syslog")
    collect_logs(container, target, (syslog, SINCE), load_secrets())
    folder = Path(container.finish().folder)
    item = read_manifest(folder).items[0]
    assert (item.offset, item.full_size, read_item(folder, item)) == (6, 10, b"6789")


def test_a_log_that_is_gone_meanwhile_is_said(root: Path, tmp_path: Path) -> None:
    target = open_target(str(root))
    logs = find_logs(target, replace(find_subjects(None, None, ""), since=SINCE))
    (root / "var/log/syslog").unlink()
    container = open_container(tmp_path)
    collect_logs(container, target, (logs, SINCE), Secrets())
    assert "No such file or directory" in {left.because for left in container.finish().left_out}


KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\ninert marker\n"


def keep(root: Path, *named: str, secrets: Secrets | None = None) -> tuple[set[str], set[str]]:
    """The logs that are kept when a report names these as logs, and those that are left out as secrets."""
    target, container = open_target(str(root)), open_container(root.parent)
    subjects = replace(
        find_subjects(None, None, ""), since=SINCE, logs=tuple(FilePath(str(root / name)) for name in named)
    )
    secrets = recognise_secrets(load_secrets(), target) if secrets is None else secrets
    collect_logs(container, target, (find_logs(target, subjects), SINCE), secrets)
    manifest = read_manifest(Path(container.finish().folder))
    kept = {str(Path(item.origin.path.text).relative_to(root)) for item in manifest.items if item.origin.path}
    left = {
        str(Path(one.path.text).relative_to(root)) for one in manifest.left_out if one.path and one.because == REASON
    }
    return kept, left


@pytest.fixture
def shadow(root: Path) -> Path:
    (root / "etc").mkdir()
    path = root / "etc/shadow"
    path.write_bytes(b"root:inert:1:0:99999:7:::\n")
    return path


def test_a_forged_report_gets_no_secret_by_calling_it_a_log(root: Path, shadow: Path) -> None:
    (root / "home").mkdir()
    for name in ("id_ed25519", "harmless", "late"):
        (root / "home" / name).write_bytes(b"x" * 2000 * (name == "late") + KEY)
    named = ("etc/shadow", "home/id_ed25519", "home/harmless", "home/late")
    kept, left = keep(root, *named, "var/log/mine.txt")
    assert left == set(named)
    assert "var/log/mine.txt" in kept
    assert set(named) <= keep(root, *named, secrets=Secrets())[0]


def test_a_second_name_of_a_secret_among_the_logs_is_left_out(root: Path, shadow: Path) -> None:
    (root / "var/log/auth.log").hardlink_to(shadow)
    (root / "var/log/mine.txt").unlink()
    (root / "var/log/mine.txt").hardlink_to(shadow)
    (root / "var/log/messages").write_bytes(KEY)
    kept, left = keep(root, "var/log/mine.txt")
    assert left == {"var/log/auth.log", "var/log/mine.txt", "var/log/messages"}
    assert "var/log/syslog" in kept


def test_nobody_keeps_a_log_out_by_having_a_key_logged(
    root: Path, shadow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = b'192.0.2.1 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "' + KEY.splitlines()[0] + b'"\n'
    (root / "var/log/apache2/access.log").write_bytes(line * 3)
    assert "var/log/apache2/access.log" in keep(root, "var/log/apache2/access.log")[0]
    monkeypatch.setattr(evidence_logs, "MOST_LOG", len(KEY.splitlines()[0]) + 2)  # the end begins with the key
    assert "var/log/apache2/access.log" in keep(root)[0]
