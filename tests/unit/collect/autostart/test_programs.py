from pathlib import Path

import pytest

from codered.collect.autostart.programs import is_script, read_program
from codered.collect.autostart.reading import MOST_BYTES, Reader
from codered.targets import open_target


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [
        (b"#!/bin/sh\nx", True, False),
        (b"\x7fELF\0" + b"a" * 10_000, False, False),
        (b"\x7fELF\0" + b"a" * MOST_BYTES, False, False),
        (b"#!/bin/sh\n" + b"a" * 10_000, True, False),
        (b"#!/bin/sh\n" + b"a" * MOST_BYTES, True, True),
        (b"", True, False),
    ],
)
def test_scripts_are_read_and_machine_code_is_not(tmp_path: Path, data: bytes, text: bool, said: bool) -> None:
    (tmp_path / "x").write_bytes(data)
    (tmp_path / "link").symlink_to("x")
    reader = Reader(open_target(str(tmp_path)))
    found = read_program(reader, b"link")
    assert found is not None
    assert (found.file.rel, found.links, found.file.size) == (b"x", (b"link",), len(data))
    assert found.text == (data[:MOST_BYTES] if text else b"")
    assert bool(reader.unread) is said


def test_what_is_no_file_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "null").symlink_to("/dev/null")
    reader = Reader(open_target(str(tmp_path)))
    assert [read_program(reader, rel) for rel in (b"gone", b"null", b"none")] == [None] * 3
    assert is_script(b"#!\0")
