import hashlib
from pathlib import Path

from msgspec.structs import replace

from codered.model.known_good import AccountRecord, AutostartRecord, KeyRecord, ListenerRecord
from codered.model.monitoring import Snapshot
from codered.monitor.differing import compare_snapshots, name_listener
from codered.targets import open_target

LINE = b"* * * * * root /opt/marker"
DIGEST = hashlib.sha256(LINE).hexdigest()


def line(number: int = 2) -> AutostartRecord:
    return AutostartRecord("cron", b"etc/crontab", number, "root", DIGEST)


def test_a_new_line_is_told_with_its_text(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/crontab").write_bytes(b"# first\n" + LINE + b"\n")
    ((kind, found),) = compare_snapshots(Snapshot(), Snapshot(autostart=(line(),)), open_target(str(tmp_path)))
    assert (kind, found.confidence, found.remedy) == ("new-autostart", "suspicious", "remove_line")
    assert (found.subject.path, found.subject.line) == (f"{tmp_path}/etc/crontab", 2)
    assert (found.evidence[0].data, found.evidence[0].sha256, found.evidence[0].source) == (LINE, DIGEST, "line")


def test_a_line_that_only_moved_is_no_news(tmp_path: Path) -> None:
    before, now = Snapshot(autostart=(line(2),)), Snapshot(autostart=(line(9),))
    assert compare_snapshots(before, now, open_target(str(tmp_path))) == ()


def test_a_line_that_is_another_by_now_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/crontab").write_text("a\nb\n")
    ((_, found),) = compare_snapshots(Snapshot(), Snapshot(autostart=(line(),)), open_target(str(tmp_path)))
    assert found.evidence[0].data is None


def test_a_whole_file_is_new_or_changed(tmp_path: Path) -> None:
    old = AutostartRecord("systemd", b"etc/systemd/system/a.service", 0, "a.service", "1")
    new = AutostartRecord("systemd", b"etc/systemd/system/a.service", 0, "a.service", "2")
    target = open_target(str(tmp_path))
    ((changed, first),) = compare_snapshots(Snapshot(autostart=(old,)), Snapshot(autostart=(new,)), target)
    ((fresh, second),) = compare_snapshots(Snapshot(), Snapshot(autostart=(new,)), target)
    assert (changed, fresh) == ("changed-autostart", "new-autostart")
    assert (first.remedy, second.remedy) == ("", "quarantine_file")
    assert first.id != second.id


def test_accounts_keys_and_listeners(tmp_path: Path) -> None:
    root = AccountRecord("root", 0, 0, "/root", "/bin/bash", "set")
    daemon = AccountRecord("daemon", 1, 1, "/", "/usr/sbin/nologin", "none")
    raised = AccountRecord("daemon", 0, 0, "/", "/bin/sh", "none")
    intruder = AccountRecord("intruder", 0, 0, "/tmp", "/bin/sh", "none")
    key = KeyRecord("root", b"root/.ssh/authorized_keys", "SHA256:x", "ab")
    listener = ListenerRecord("tcp", "::", 4242, "/tmp/x")
    now = Snapshot(accounts=(root, raised, intruder), keys=(key,), listeners=(listener,))
    found = compare_snapshots(Snapshot(accounts=(root, daemon)), now, open_target(str(tmp_path)))
    assert [one.kind for one in found] == ["changed-account", "new-account", "new-key", "new-listener"]
    assert found[3].finding.subject.key == "listener tcp [::]:4242"
    assert "/tmp/x" in found[3].finding.because
    assert compare_snapshots(now, now, open_target(str(tmp_path))) == ()


def test_another_program_on_a_known_port_is_told(tmp_path: Path) -> None:
    target = open_target(str(tmp_path))
    known = ListenerRecord("tcp", "0.0.0.0", 80, "/usr/sbin/nginx (deleted)")
    for program in ("/usr/sbin/nginx", ""):
        same = ListenerRecord("tcp", "0.0.0.0", 80, program)
        assert compare_snapshots(Snapshot(listeners=(known,)), Snapshot(listeners=(same,)), target) == ()
    other = ListenerRecord("tcp", "0.0.0.0", 80, "/tmp/x")
    ((kind, found),) = compare_snapshots(Snapshot(listeners=(known,)), Snapshot(listeners=(other,)), target)
    assert (kind, found.subject.key) == ("new-listener", "listener tcp 0.0.0.0:80")
    assert "another program" in found.because
    assert "/tmp/x" in found.because


def test_what_is_gone_is_no_news(tmp_path: Path) -> None:
    assert compare_snapshots(Snapshot(autostart=(line(),)), Snapshot(), open_target(str(tmp_path))) == ()


def test_names_of_listeners() -> None:
    assert name_listener(ListenerRecord("udp", "0.0.0.0", 53, "")) == "listener udp 0.0.0.0:53"


def test_what_a_package_brought_is_no_news_when_its_file_is_edited(tmp_path: Path) -> None:
    unit = AutostartRecord("systemd", b"lib/systemd/system/a.service", 0, "a.service", "1")
    before = Snapshot(packaged=(line(), unit))
    edited = Snapshot(autostart=(line(3), AutostartRecord("systemd", unit.rel, 0, "a.service", "2")))
    ((kind, found),) = compare_snapshots(before, edited, open_target(str(tmp_path)))
    assert (kind, found.subject.key) == ("changed-autostart", "systemd")
    upgraded = Snapshot(packaged=(line(), replace(unit, sha256="3")))
    assert compare_snapshots(before, upgraded, open_target(str(tmp_path))) == ()
