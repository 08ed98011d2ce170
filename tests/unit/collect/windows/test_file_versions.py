import os
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.collect.windows.file_versions import read_file_fact, read_version
from codered.model.patches import FileFact
from codered.targets import open_target
from tests.fixtures.windows_roots import make_versioned

PROGRAM = make_versioned((5, 0, 1781, 3))


def at(date: str) -> float:
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


def put_file(folder: Path, data: bytes, changed: float) -> None:
    (folder / "idq.dll").write_bytes(data)
    os.utime(folder / "idq.dll", (changed, changed))


def link(data: bytes, date: str) -> bytes:
    place = struct.unpack_from("<I", data, 60)[0] + 8
    return data[:place] + struct.pack("<I", int(at(date))) + data[place + 4 :]


def test_version_and_date_of_the_last_change(tmp_path: Path) -> None:
    put_file(tmp_path, PROGRAM, at("2001-05-25T23:30:00"))
    fact = read_file_fact(open_target(str(tmp_path)), b"idq.dll", "%SystemRoot%\\system32\\idq.dll")
    assert fact == FileFact(name="%SystemRoot%\\system32\\idq.dll", version="5.0.1781.3", date="2001-05-25")


@pytest.mark.parametrize(
    ("linked", "changed", "date"),
    [
        ("2001-05-24", "2001-05-25", "2001-05-25"),
        ("2001-05-24", "2001-07-01", "2001-07-01"),
        ("2000-01-24", "2026-01-01", ""),  # the date of a copy
        ("2001-05-24", "2000-01-25", ""),  # set back: older than its linking
        ("1985-01-01", "2001-05-25", "2001-05-25"),  # no time of a linker
    ],
)
def test_a_date_that_contradicts_the_linker_is_none(tmp_path: Path, linked: str, changed: str, date: str) -> None:
    put_file(tmp_path, link(PROGRAM, linked), at(changed))
    assert read_file_fact(open_target(str(tmp_path)), b"idq.dll", "x").date == date


def test_what_can_not_be_read(tmp_path: Path) -> None:
    put_file(tmp_path, b"no program", at("2001-05-25"))
    target = open_target(str(tmp_path))
    assert read_version(target, b"idq.dll") == ""
    assert read_version(target, b"absent.dll") == ""
    assert read_file_fact(target, b"idq.dll", "x") == FileFact(name="x", date="2001-05-25")
    (tmp_path / "link.dll").symlink_to(tmp_path / "idq.dll")
    with pytest.raises(OSError, match="link"):
        read_file_fact(target, b"link.dll", "x")
