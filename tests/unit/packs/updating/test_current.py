import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.updating.current import (
    Pointer,
    find_fault_of_owner,
    find_home,
    list_files,
    order_version,
    read_current,
    read_pointer,
    read_set,
)
from tests.fixtures.pack_publisher import Host, Publisher


@pytest.fixture
def host(tmp_path: Path) -> Host:
    publisher = Publisher(tmp_path / "publisher")
    publisher.publish("2030.01.1")
    made = Host(tmp_path / "host", publisher)
    made.update()
    return made


def test_the_home_is_below_the_state_once_a_set_was_installed(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "none"))
    assert find_home() is None
    monkeypatch.setenv("CODERED_STATE", str(host.home.parent))
    assert find_home() == host.home
    monkeypatch.delenv("CODERED_STATE")
    monkeypatch.setattr("codered.packs.updating.current.state_home", lambda: host.home.parent)
    assert find_home() == host.home
    monkeypatch.setattr("codered.packs.updating.current.may_be_foreign", lambda _: True)
    assert find_home() is None


def test_a_whole_set_is_read(host: Host) -> None:
    current = read_current(host.home)
    assert current
    assert [(pack.name, pack.source) for pack in current.record.packs] == [("newworm", "lab"), ("oldworm", "")]
    assert list_files(current.folder) == set(current.record.files)
    assert read_set(host.home, current.name) == current
    assert read_pointer(host.home) == Pointer(set=current.name, sha256=current.record_sha256)


def test_a_set_that_was_touched_is_not_used(host: Host) -> None:
    current = read_current(host.home)
    assert current
    file = current.folder / "newworm" / "pack.yaml"
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"!")
    with pytest.raises(WrongUse, match="not as it was installed"):
        read_current(host.home)
    file.unlink()
    with pytest.raises(WrongUse, match="missing or too many"):
        read_current(host.home)
    file.symlink_to("/etc/passwd")
    with pytest.raises(WrongUse, match="can't be read"):
        read_current(host.home)
    file.unlink()
    file.write_bytes(good)
    assert read_current(host.home) == current
    (current.folder / "link").symlink_to("/etc")
    with pytest.raises(WrongUse, match="missing or too many"):
        read_current(host.home)
    (current.folder / "link").unlink()
    record = current.folder.parent / "set.json"
    record.write_bytes(record.read_bytes() + b" ")
    with pytest.raises(WrongUse, match="not the one that was installed"):
        read_current(host.home)
    record.write_bytes(b"{")
    with pytest.raises(WrongUse, match="record can't be read"):
        read_current(host.home)


@pytest.mark.parametrize("data", [b"", b"{", b'{"set": "../../x", "sha256": ""}', b'{"set": 1}', b"\xff" * 5000])
def test_a_broken_pointer_is_refused(host: Host, data: bytes) -> None:
    (host.home / "current").write_bytes(data)
    with pytest.raises(WrongUse):
        read_current(host.home)


def test_what_others_may_write_is_not_used(host: Host) -> None:
    current = read_current(host.home)
    assert current
    for place in (host.home / "current", current.folder, host.home / "sets"):
        mode = place.stat().st_mode
        os.chmod(place, mode | 0o022)
        with pytest.raises(WrongUse, match="others may have written"):
            read_current(host.home)
        os.chmod(place, mode)
    assert find_fault_of_owner(host.home) is None
    assert find_fault_of_owner(host.home / "nothing") is not None
    assert read_current(host.home) == current


def test_versions_are_ordered_as_numbers() -> None:
    assert order_version("2030.01.10") > order_version("2030.01.9") > order_version("2029.12.99") > ()
    assert order_version("") == order_version("x.1") == order_version("1." + "9" * 20) == ()
