import hashlib
import os
from pathlib import Path

import pytest

from codered.authoring.pieces import MOST_WHOLE, read_sample
from codered.model.errors import WrongUse


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"zork\0")
    sample = read_sample(str(tmp_path / "a.bin"))
    assert (sample.name, sample.size, sample.data, sample.cut) == ("a.bin", 5, b"zork\0", False)
    assert sample.sha256 == hashlib.sha256(b"zork\0").hexdigest()


def test_of_a_large_file_the_beginning_and_the_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(b"BEGINNING")
        file.seek(200 << 20)
        file.write(b"THE-END")
    sample = read_sample(str(path))
    assert sample.cut
    assert sample.size == (200 << 20) + 7
    assert len(sample.data) <= MOST_WHOLE + 100
    assert sample.data.startswith(b"BEGINNING")
    assert sample.data.endswith(b"THE-END")


def test_what_is_no_plain_file_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("empty", "is empty"), ("link", "can't be read"), ("pipe", "neither"), ("gone", "can't be")):
        with pytest.raises(WrongUse, match=why):
            read_sample(str(tmp_path / name))
    with pytest.raises(WrongUse):
        read_sample("a\0b")
