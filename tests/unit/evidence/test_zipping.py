import zipfile
from pathlib import Path

import pytest

from codered.evidence.standalone_verifier import verify_container
from codered.evidence.zipping import write_zip
from codered.model.errors import WrongUse
from tests.fixtures.evidence import make_container


def test_other_tools_read_the_zip(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    path = tmp_path / "c.zip"
    assert write_zip(container, path) == path.stat().st_size
    with zipfile.ZipFile(path) as read:
        assert read.testzip() is None
        for info in read.infolist():
            assert read.read(info) == (container / info.filename).read_bytes()
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert verify_container(str(path)).problems == []


def test_the_same_container_is_the_same_zip(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    write_zip(container, tmp_path / "a.zip")
    write_zip(container, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_zip_that_another_tool_made_is_refused(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for path in container.rglob("*"):
            out.write(path, path.relative_to(container))
    assert verify_container(str(tmp_path / "c.zip")).problems


def test_nothing_is_written_over_and_nothing_half_is_left(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    (tmp_path / "c.zip").write_bytes(b"mine")
    with pytest.raises(WrongUse, match="is there already"):
        write_zip(container, tmp_path / "c.zip")
    assert (tmp_path / "c.zip").read_bytes() == b"mine"
    with pytest.raises(WrongUse, match="can't be written"):
        write_zip(container, tmp_path / "no/c.zip")
    with pytest.raises(WrongUse, match="can't be written"):
        write_zip(tmp_path / "nothing", tmp_path / "d.zip")
    assert not (tmp_path / "d.zip.part").exists()
