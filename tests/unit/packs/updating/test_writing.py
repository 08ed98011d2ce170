import os
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.packs.updating.writing import hold_lock, replace_file, write_synced


def test_a_file_is_the_old_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    write_synced(file, b"old")
    with pytest.raises(FileExistsError):
        write_synced(file, b"new")
    (tmp_path / ".file.new").write_bytes(b"of one that was killed")
    replace_file(file, b"new", 0o644)
    assert file.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            replace_file(file, b"newer")
    assert file.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_the_second_is_refused_while_the_first_is_at_it(tmp_path: Path) -> None:
    with (
        hold_lock(tmp_path / "lock", "update"),
        pytest.raises(Refused, match="another update is under way"),
        hold_lock(tmp_path / "lock", "update"),
    ):
        pass
    with hold_lock(tmp_path / "lock", "update"):
        pass
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("link", "none/lock"):
        with pytest.raises(WrongUse, match="can't be written"), hold_lock(tmp_path / name, "update"):
            pass
    assert not (tmp_path / "elsewhere").exists()
