import os
from pathlib import Path

import pytest

from codered.targets.images import session as rooms
from codered.targets.images.session import ImageSession
from tests.fixtures.disk_images import make_infected_disk


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_infected_disk(tmp_path_factory.mktemp("d"))


def test_what_lies_where(disk: Path) -> None:
    session = ImageSession(os.fsencode(disk))
    assert session.locate(b"p1").kind == session.locate(b"p1/Inetpub").kind == "folder"
    assert session.locate(b"p1/explorer.exe").size == 8192
    for wrong in (b"p2", b"p1/none"):
        with pytest.raises(FileNotFoundError):
            session.locate(wrong)
    with pytest.raises(NotADirectoryError):
        session.read_table(b"p1/explorer.exe")
    with pytest.raises(OSError, match="deep"):
        session.read_table(b"p1" + b"/x" * 300)
    with pytest.raises(OSError, match="not a regular file"):
        session.open_file(b"p1/Inetpub")


def test_only_so_many_folders_are_kept(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = ImageSession(os.fsencode(disk))
    root = session.read_table(b"p1")
    assert session.read_table(b"p1") is root
    monkeypatch.setattr(rooms, "MOST_KEPT", 3)
    session.read_table(b"p1/Inetpub")
    assert session.read_table(b"p1") is not root
