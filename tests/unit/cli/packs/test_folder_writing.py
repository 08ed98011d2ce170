import errno
import os
from pathlib import Path

import pytest

from codered.cli.packs.folder_writing import write_files
from codered.export.indicators.exported import ExportFile
from codered.model.errors import NotRolledBack, RolledBack, WrongUse

FILES = [ExportFile("a/one", b"new one"), ExportFile("a/two", b"new two"), ExportFile("b/three", b"new three")]


def list_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, number: int, code: int, last: int = 0) -> None:
    """Let the calls of `os.name` from `number` to `last` fail (0 = that one only)."""
    real, calls = getattr(os, name), iter(range(1, 1000))

    def call(*given: object) -> object:
        if number <= next(calls) <= max(number, last):
            raise OSError(code, os.strerror(code))
        return real(*given)

    monkeypatch.setattr(f"codered.cli.packs.folder_writing.os.{name}", call)


def test_files_are_written_and_nothing_is_left_beside(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "x"
    write_files(folder, FILES)
    write_files(folder, FILES)
    assert {name: data for name, data in list_files(folder).items() if data} == {f.name: f.data for f in FILES}
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x"]
    assert (folder / "a/one").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("call", "number"), [("fsync", 3), ("replace", 1), ("replace", 2), ("replace", 3)])
def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    (tmp_path / "x/a").mkdir(parents=True)
    (tmp_path / "x/a/one").write_bytes(b"old one")
    before = list_files(tmp_path)
    with monkeypatch.context() as patch:
        fail_at(patch, call, number, errno.ENOSPC)
        with pytest.raises(RolledBack, match=r"nothing was written.*make room"):
            write_files(tmp_path / "x", FILES)
    assert list_files(tmp_path) == before
    fail_at(monkeypatch, call, number, errno.ENOSPC)
    with pytest.raises(RolledBack):
        write_files(tmp_path / "y" / "z", FILES)
    assert list_files(tmp_path) == before


def test_what_can_not_be_written_or_taken_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, "fsync", 1, errno.EACCES)
        with pytest.raises(WrongUse, match="choose a folder that you can write to"):
            write_files(tmp_path / "x", FILES)
    write_files(tmp_path / "x", FILES)
    fail_at(monkeypatch, "replace", 2, errno.ENOSPC, 9)
    with pytest.raises(NotRolledBack, match="some files are new"):
        write_files(tmp_path / "x", FILES)
