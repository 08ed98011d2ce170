from pathlib import Path

import pytest

from codered.collect.autostart.homes import Home, list_homes
from codered.collect.autostart.reading import Reader
from codered.targets import open_target
from tests.fixtures.autostart_roots import write


def homes(root: Path) -> tuple[Reader, tuple[Home, ...]]:
    reader = Reader(open_target(str(root)))
    return reader, list_homes(reader)


def test_homes_of_accounts_and_whatever_lies_in_home(tmp_path: Path) -> None:
    passwd = (
        "root:x:0:0::/root:/bin/sh\nann:x:1:1::/home/ann/../ann:/x\napp:x:2:2::/srv/app:/x\nbin:x:3:3::/bin:/x\nodd\n"
    )
    write(tmp_path, {"etc/passwd": passwd, "root/x": "", "home/ann/x": "", "home/old/x": "", "bin/x": "", "data/x": ""})
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/app").symlink_to("/data")
    reader, found = homes(tmp_path)
    assert found == (Home(b"root", "root"), Home(b"home/ann", "ann"), Home(b"data", "app"), Home(b"home/old", "old"))
    assert reader.unread == []


def test_too_many_homes_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.homes.MOST_HOMES", 1)
    write(tmp_path, {"home/a/x": "", "home/b/x": "", "root/x": "", "etc/x": ""})
    reader, found = homes(tmp_path)
    assert len(found) == 1
    assert ["more than 1 home" in item.why for item in reader.unread] == [True]


def test_a_hostile_passwd(tmp_path: Path) -> None:
    write(tmp_path, {"etc/passwd": "x:x:0:0::/../../../../etc:/x\n\0:\udcff:::/\n" + ":" * 1000, "root/x": ""})
    assert {home.rel for home in homes(tmp_path)[1]} == {b"root", b"etc"}
