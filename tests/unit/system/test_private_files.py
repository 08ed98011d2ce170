import os
from pathlib import Path

import pytest

from codered.system.private_files import (
    cache_home,
    is_open_to_others,
    is_ours,
    is_ours_alone,
    is_ours_to_write,
    is_owned,
    is_secret,
    make_private_file,
    make_private_folder,
    name_owner,
    state_home,
)


def test_a_private_folder_is_ours_alone_and_stays_when_it_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_private_folder(folder)
    assert is_ours_alone(folder.stat(), folder)
    folder.chmod(0o777)
    make_private_folder(folder)
    status = folder.stat()
    assert is_owned(status, folder)
    assert not any(ask(status, folder) for ask in (is_ours, is_ours_to_write, is_ours_alone))
    folder.chmod(0o755)
    assert is_ours(folder.stat(), folder)
    assert is_ours_to_write(folder.stat(), folder)
    assert not is_ours_alone(folder.stat(), folder)


def test_who_may_change_it(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"")
    file.chmod(0o664)
    assert is_open_to_others(file.stat(), file)
    make_private_file(file)
    assert not is_open_to_others(file.stat(), file)
    assert file.stat().st_mode & 0o777 == 0o600
    tmp_path.chmod(0o1777)
    assert not is_open_to_others(tmp_path.stat(), tmp_path)
    tmp_path.chmod(0o777)
    assert is_open_to_others(tmp_path.stat(), tmp_path)
    assert name_owner(file.stat(), file) == f"user {os.geteuid()}"


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")


def test_homes_are_the_machines_for_root_and_ones_own_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert (state_home(), cache_home()) == (Path("/var/lib/codered"), Path("/var/cache/codered"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert (state_home(), cache_home()) == (tmp_path / "codered", tmp_path / "codered")


def test_what_is_secret(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"")
    for mode, secret in ((0o600, True), (0o640, False), (0o602, False), (0o400, True)):
        file.chmod(mode)
        assert is_secret(file.stat(), file) is secret


def test_the_folders_above_a_private_one_are_private_too(tmp_path: Path) -> None:
    """The state folder is often made on the way to a folder in it."""
    make_private_folder(tmp_path / "state" / "cases" / "one")
    made = ("state", "state/cases", "state/cases/one")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in made] == [0o700] * 3
    make_private_folder(tmp_path / "state")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        make_private_folder(tmp_path / "file")
