import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from codered.collect.autostart import COLLECTORS
from codered.collect.autostart.reading import Reader
from codered.collect.packages import NOT_KNOWN, PackageDatabase
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import collect, make_root, write


def test_every_collector_has_a_name_of_its_own() -> None:
    names = [name for name, _ in COLLECTORS]
    assert len(set(names)) == len(names)
    assert {"at", "cron", "systemd", "init", "rc", "profile", "udev", "git hook"} <= set(names)


def test_what_was_read_and_when_it_was_installed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    assert collect(root).installed is None
    write(root, {"etc/machine-id": "x", "etc/crontab": "* * * * * root /x\n"})
    seen = collect(root)
    assert seen.installed is not None
    assert seen.files >= 2
    assert seen.bytes > 0
    assert seen.unread == ()


def test_a_system_without_dpkg_says_so_once(tmp_path: Path) -> None:
    write(tmp_path, {"etc/crontab": "* * * * * root /x\n" * 3, "home/x": ""})
    seen = collect(tmp_path)
    assert [item.why for item in seen.unread] == [NOT_KNOWN]
    assert {entry.origin for entry in seen.entries} == {"unknown"}


def test_a_hostile_root_is_read_to_its_end(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    names = ("etc/cron.d", "etc/systemd/system", "etc/init.d", "etc/udev/rules.d", "home/ann/.config/autostart")
    for name in names:
        folder = root / name
        folder.mkdir(parents=True)
        os.mkfifo(folder / "fifo.service")
        os.mkfifo(folder / "fifo.rules")
        (folder / "round.service").symlink_to("round.service")
        (folder / "up").symlink_to("../../../../../../etc")
        (folder / os.fsdecode(b"\x1b[2J\xff\n.service")).write_bytes(b"\x00\xff* * * * *\n" * 5)
        (folder / os.fsdecode(b"\x1b]0;\x07.rules")).write_bytes(b'RUN+="' + b"\\" * 9999 + b'\nRUN+="/x"\n')
        (folder / "long.service").write_bytes(b"[Service]\nExecStart=" + b"/x;" * 99_999)
    (root / "etc/rc.local").mkdir()
    (root / "etc/profile").symlink_to("/dev/zero")
    seen = collect(root)
    assert {"cron", "systemd", "init", "udev", "xdg"} <= {entry.kind for entry in seen.entries}
    assert {item.rel for item in seen.unread if b"fifo" in item.rel} >= {b"etc/cron.d/fifo.service"}
    assert all(len(entry.text) <= 65536 and len(entry.runs) <= 40 for entry in seen.entries)
    assert msgspec.json.encode(seen.entries)


def test_too_many_entries_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.MOST_ENTRIES", 2)
    root = make_root(tmp_path)
    write(root, {"etc/crontab": "* * * * * root /x\n" * 3})
    seen = collect(root)
    assert len([e for e in seen.entries if e.kind == "cron"]) == 2
    assert any("more than 2 entries of the kind cron" in item.why for item in seen.unread)


def test_a_collector_that_stumbles_costs_its_own_kind_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_reader: Reader, _packages: PackageDatabase) -> Iterator[Autostart]:
        yield Autostart(kind="cron", path=FilePath("/etc/crontab"))
        raise ValueError("embedded null byte")

    def go_on(_reader: Reader, _packages: PackageDatabase) -> Iterator[Autostart]:
        yield Autostart(kind="udev", path=FilePath("/etc/udev/rules.d/x"))

    monkeypatch.setattr("codered.collect.autostart.COLLECTORS", (("cron", stumble), ("udev", go_on)))
    seen = collect(make_root(tmp_path))
    assert [entry.kind for entry in seen.entries] == ["cron", "udev"]
    assert [item.why for item in seen.unread] == ["cron: gave up after 1 entries (ValueError)"]
