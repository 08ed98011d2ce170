import os
from pathlib import Path

import pytest

from codered.model.errors import Refused, RolledBack, WrongUse
from codered.packs.updating.sources import (
    add_source,
    check_place,
    check_root,
    list_sources,
    read_trusted,
    remove_source,
)
from codered.packs.updating.writing import hold_lock
from tests.fixtures.pack_publisher import Publisher


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "publisher")


def test_a_source_is_kept_with_its_root_and_forgotten(tmp_path: Path, publisher: Publisher) -> None:
    home = tmp_path / "state" / "packs"
    assert list_sources(home) == ()
    lab = add_source(home, "lab", "https://packs.example.org/codered", publisher.root())
    usb = add_source(home, "usb", str(publisher.repository), publisher.root())
    assert list_sources(home) == (lab, usb)
    trusted = read_trusted(home, lab)
    assert trusted.root == publisher.root().read_bytes()
    with pytest.raises(WrongUse, match="a source `lab` already"):
        add_source(home, "lab", "https://other.example.org", publisher.root())
    (home / "sources" / "lab" / "root.json").write_bytes(b"{}")
    with pytest.raises(WrongUse, match="not the root that was added"):
        read_trusted(home, lab)
    remove_source(home, "lab")
    assert list_sources(home) == (usb,)
    assert not (home / "sources" / "lab").exists()
    with pytest.raises(WrongUse, match=r"no source `lab` .* are: usb"):
        remove_source(home, "lab")


@pytest.mark.parametrize(
    "place",
    ["ftp://x/y", "file:///etc", "http://", "https://u:p@host/", "https://host/?q", "https://host/#f", "http://h:x/",
     "https://hö.example/", "https://h/a b", "http://[", "/nowhere"],
)  # fmt: skip
def test_odd_places_are_refused(place: str) -> None:
    with pytest.raises(WrongUse):
        check_place(place)


def test_only_a_root_that_signs_itself_is_trusted(tmp_path: Path, publisher: Publisher) -> None:
    home = tmp_path / "packs"
    good = publisher.root().read_bytes()
    bad = tmp_path / "root.json"
    for data in (b"", b"<html>", good[:-9], publisher.file("timestamp").read_bytes(), good.replace(b"2031", b"2039")):
        bad.write_bytes(data)
        with pytest.raises(WrongUse, match="root"):
            add_source(home, "lab", str(publisher.repository), bad)
    assert check_root(good, "x").version == 1
    for name in ("", "../x", "Lab", "x" * 40):
        with pytest.raises(WrongUse, match="can't be a name"):
            add_source(home, name, str(publisher.repository), publisher.root())
    assert list_sources(home) == ()


def test_a_list_that_others_may_write_or_that_is_broken_is_not_used(tmp_path: Path, publisher: Publisher) -> None:
    home = tmp_path / "packs"
    add_source(home, "lab", str(publisher.repository), publisher.root())
    file = home / "sources.json"
    os.chmod(file, 0o666)
    with pytest.raises(WrongUse, match="others may have written"):
        list_sources(home)
    os.chmod(file, 0o600)
    file.write_bytes(b"{")
    with pytest.raises(WrongUse, match="can't be read"):
        list_sources(home)


def test_sources_wait_for_an_update_and_need_space(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "packs"
    home.mkdir()
    with hold_lock(home / "lock", "update"), pytest.raises(Refused, match="another update"):
        add_source(home, "lab", str(publisher.repository), publisher.root())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RolledBack, match="No space"):
        add_source(home, "lab", str(publisher.repository), publisher.root())
    assert list_sources(home) == ()
