import hashlib
import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.sources.kept_files import KeptFiles, copy_hashed, hash_file


def write_hello(out: int) -> None:
    os.write(out, b"hello")


def test_kept_by_hash_for_its_owner_only(work: KeptFiles) -> None:
    kept = work.keep(write_hello)
    assert kept.path.name == kept.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert (kept.size, kept.path.read_bytes(), kept.path.stat().st_mode & 0o777) == (5, b"hello", 0o600)
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    kept.path.write_bytes(b"damaged")
    assert work.keep(write_hello).path.read_bytes() == b"hello"


def test_nothing_is_left_of_what_failed(work: KeptFiles, tmp_path: Path) -> None:
    def fail(out: int) -> None:
        write_hello(out)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        work.keep(fail)
    with work.scratch() as file:
        file.write(b"x")
    with work.scratch_folder() as folder:
        (Path(folder) / "x").touch()
    assert list((tmp_path / "state/sources").iterdir()) == []


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongUse, match="can't be made"):
        KeptFiles(tmp_path / "file/sources").keep(write_hello)


def test_copies_are_hashed_and_bounded(work: KeptFiles, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    fd = os.open(tmp_path / "x", os.O_RDONLY)
    with work.scratch() as copy:
        assert (copy_hashed(fd, copy, 5), 5) == hash_file(copy.fileno()) == hash_file(fd)
        assert copy_hashed(fd, copy, 4) == ""
    os.close(fd)
