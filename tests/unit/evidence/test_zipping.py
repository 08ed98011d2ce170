import os
import zipfile
from pathlib import Path

import pytest

from codered.evidence import standalone_verifier
from codered.evidence.standalone_verifier import LARGE, make_directory, make_local_header, verify_container
from codered.evidence.zipping import write_zip
from codered.model.errors import WrongUse
from tests.fixtures.evidence import make_container

SOURCE = Path(standalone_verifier.__file__)


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("zip")
    write_zip(make_container(folder), folder / "c.zip")
    return (folder / "c.zip").read_bytes()


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


@pytest.mark.parametrize("name", [b"\xff\n.php", "é".encode()])
def test_a_name_that_is_not_ours_is_told_and_nothing_half_is_left(tmp_path: Path, name: bytes) -> None:
    container = make_container(tmp_path)
    Path(os.fsdecode(os.fsencode(container) + b"/items/" + name)).write_bytes(b"")
    with pytest.raises(WrongUse, match=r"items/\\+\w+.* does not belong there") as caught:
        write_zip(container, tmp_path / "o.zip")
    assert caught.value.what.isascii()
    assert "\n" not in caught.value.what
    assert sorted(path.name for path in tmp_path.glob("o.zip*")) == []


def test_every_byte_of_a_zip_is_covered(zipped: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    names = zipfile.ZipFile(_write(path, zipped)).namelist()
    long = zipped.find(SOURCE.read_bytes())  # one digest and a check sum cover all of these bytes
    spots = [at for at in range(len(zipped)) if not long <= at < long + SOURCE.stat().st_size or at % 29 == 0]
    for at in spots:
        path.write_bytes(zipped[:at] + bytes((zipped[at] ^ (1 << at % 8),)) + zipped[at + 1 :])
        problems = verify_container(str(path)).problems
        assert problems, f"byte {at}"
        assert any(name in problem for name in names for problem in problems) or "byte" in problems[0], problems
    assert verify_container(str(_write(path, zipped))).problems == []


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw + b"\0", lambda raw: b"x" + raw, lambda raw: raw[:-1], lambda raw: raw[: len(raw) // 2]]
)
def test_a_zip_has_nothing_around_it(zipped: bytes, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    assert verify_container(str(_write(tmp_path / "c.zip", spoil(zipped)))).problems


def _write(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def test_zips_of_large_files_have_64_bit_fields(tmp_path: Path) -> None:
    header = make_local_header(b"items/000001", 7, LARGE)
    assert len(header) == 30 + 12 + 20
    directory = make_directory([(b"a", 1, LARGE + 5, 0), (b"b", 2, 3, LARGE + 40)])
    assert b"PK\6\6" in directory
    assert b"PK\6\7" in directory
    sparse = tmp_path / "large.zip"  # what other tools make of it
    with sparse.open("wb") as file:
        file.write(make_local_header(b"a", 0, LARGE + 5))
        after = file.tell() + LARGE + 5
        file.seek(after)
        file.write(make_local_header(b"b", 0, 0))
        file.write(make_directory([(b"a", 0, LARGE + 5, 0), (b"b", 0, 0, after)]))
    with zipfile.ZipFile(sparse) as read:
        assert [(one.filename, one.file_size) for one in read.infolist()] == [("a", LARGE + 5), ("b", 0)]


def test_what_is_no_container_is_not_called_changed(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_bytes(b"root:x:0:0\n")
    (tmp_path / "empty").touch()
    docx = tmp_path / "other.zip"
    with zipfile.ZipFile(docx, "w") as out:
        out.writestr("word/document.xml", "x")
    for path in (tmp_path, tmp_path / "passwd", tmp_path / "empty", docx):
        with pytest.raises(ValueError, match="is no evidence container"):
            verify_container(str(path))
