from pathlib import Path

import pytest

from codered.collect.autostart.xdg import read_exec
from tests.fixtures.autostart_roots import collect, make_root, write


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"[Desktop Entry]\nExec=/x %u\n", "/x %u"),
        (b" [Desktop Entry] \n Exec = /x\n", "/x"),
        (b"[Desktop Action a]\nExec=/no\n[Desktop Entry]\nExec=/yes\n", "/yes"),
        (b"Exec=/x\n", None),
        (b"\xff\x00", None),
        (b"", None),
    ],
)
def test_the_command_of_a_desktop_entry(data: bytes, command: str | None) -> None:
    assert read_exec(data) == command


def test_the_system_and_every_home(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    text = "[Desktop Entry]\nExec=/opt/x\n"
    write(root, {"etc/xdg/autostart/a.desktop": text, "home/ann/.config/autostart/b.desktop": "odd"})
    found = [
        (e.entry, e.user, e.command, "does-not-parse" in e.facts) for e in collect(root).entries if e.kind == "xdg"
    ]
    assert found == [("a.desktop", "", "/opt/x", False), ("b.desktop", "ann", "", True)]
