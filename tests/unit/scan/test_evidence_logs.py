import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.evidence.reading import read_item
from codered.model.paths import FilePath
from codered.scan import evidence_logs
from codered.scan.evidence_logs import collect_logs, find_logs
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
    collect_logs(container, target, logs, SINCE)
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
    collect_logs(container, target, tuple(log for log in logs if log.rel == b"var/log/syslog"), SINCE)
    folder = Path(container.finish().folder)
    item = read_manifest(folder).items[0]
    assert (item.offset, item.full_size, read_item(folder, item)) == (6, 10, b"6789")


def test_a_log_that_is_gone_meanwhile_is_said(root: Path, tmp_path: Path) -> None:
    target = open_target(str(root))
    logs = find_logs(target, replace(find_subjects(None, None, ""), since=SINCE))
    (root / "var/log/syslog").unlink()
    container = open_container(tmp_path)
    collect_logs(container, target, logs, SINCE)
    assert "No such file or directory" in {left.because for left in container.finish().left_out}
