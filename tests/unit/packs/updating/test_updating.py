import os
import shutil
import socket
from pathlib import Path

import pytest

from codered.model.errors import Refused, RolledBack, WrongUse
from codered.packs.updating.changes import Change
from codered.packs.updating.installing import go_back
from codered.packs.updating.sources import add_source
from codered.packs.updating.updating import update_packs
from codered.packs.updating.writing import hold_lock
from tests.fixtures.pack_publisher import Host, Publisher, copy_repository, digest_tree, find_nothing


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path / "publisher")
    made.publish("2030.01.1")
    return made


def test_without_a_source_nothing_is_contacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("contacted")

    monkeypatch.setattr(socket.socket, "connect", fail)
    host = Host(tmp_path)
    with pytest.raises(WrongUse, match="no source of packs is configured — nothing was contacted"):
        host.update()
    assert not host.home.exists()


def test_a_source_that_has_published_nothing_is_named(tmp_path: Path) -> None:
    empty = Publisher(tmp_path / "publisher")
    host = Host(tmp_path, empty)
    found = host.update()
    assert found.state == "same"
    assert found.warnings == ("source lab: holds no packs",)


def test_only_looking_changes_nothing(publisher: Publisher, tmp_path: Path) -> None:
    host = Host(tmp_path / "host", publisher)
    found = update_packs(host.order(), None)
    assert (found.state, found.changes) == ("new", (Change(name="newworm", was="", now="2030.01.1", source="lab"),))
    assert host.current() is None
    done = host.update()
    assert done.state == "new"
    assert update_packs(host.order(), None).state == "same"
    publisher.publish("2030.01.2")
    assert update_packs(host.order(), None).changes == (
        Change(name="newworm", was="2030.01.1", now="2030.01.2", source="lab"),
    )


def test_what_somebody_went_back_from_is_not_installed_again_unasked(publisher: Publisher, tmp_path: Path) -> None:
    host = Host(tmp_path / "host", publisher)
    host.update()
    publisher.publish("2030.01.2")
    host.update()
    back = go_back(host.home)
    assert back
    assert host.versions()["newworm"] == "2030.01.1"
    assert host.update().state == "held"
    assert host.versions()["newworm"] == "2030.01.1"
    assert host.update(again=True).state == "new"
    assert host.versions()["newworm"] == "2030.01.2"
    go_back(host.home)
    publisher.publish("2030.01.3")  # another set is taken
    assert host.update().state == "new"


def test_a_stick_serves_for_a_source(publisher: Publisher, tmp_path: Path) -> None:
    host = Host(tmp_path / "host", publisher, place="https://packs.example.invalid/")
    stick = copy_repository(publisher, tmp_path / "stick")
    assert host.update(place=str(stick)).state == "new"
    with pytest.raises(WrongUse, match="is no repository"):
        host.update(place=str(tmp_path))
    add_source(host.home, "two", str(publisher.repository), publisher.root())
    with pytest.raises(WrongUse, match="about one source"):
        host.update(place=str(stick))
    with pytest.raises(WrongUse, match="no source `x`"):
        update_packs(host.order(name="x"), find_nothing)


def test_two_at_once_and_a_full_disk_leave_the_set_in_use(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(tmp_path / "host", publisher)
    host.update()
    publisher.publish("2030.01.2")
    before = digest_tree(host.home)
    with hold_lock(host.home / "lock", "update"), pytest.raises(Refused, match="another update is under way"):
        host.update()
    assert digest_tree(host.home) == before
    real = os.replace

    def full(one: str, other: str) -> None:
        if str(other).startswith(str(host.home)):
            raise OSError(28, "No space left on device")
        real(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(RolledBack, match="No space left on device"):
            host.update()
    assert host.versions()["newworm"] == "2030.01.1"
    assert host.update().state == "new"


def test_a_damaged_set_is_replaced(publisher: Publisher, tmp_path: Path) -> None:
    host = Host(tmp_path / "host", publisher)
    host.update()
    shutil.rmtree(host.home / "sets")
    with pytest.raises(WrongUse, match="damaged"):
        host.current()
    assert host.update().state == "new"
    assert host.versions()["newworm"] == "2030.01.1"
