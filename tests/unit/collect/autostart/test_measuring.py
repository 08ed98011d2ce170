"""Digests and attributes of programs."""

import hashlib
import os
from pathlib import Path

from codered.collect.autostart.measuring import CHANGED, HEAD, make_program_entry, measure_file
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write

PROGRAM = "\x7fELF\0" + "x" * 100


def test_a_program_is_measured(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"opt/x": PROGRAM * 2000}, 0o750)
    reader = Reader(open_target(str(tmp_path)))
    found = measure_file(reader, b"opt/x")
    assert found is not None
    data = (tmp_path / "opt/x").read_bytes()
    assert (found.sha256, found.sha1) == (hashlib.sha256(data).hexdigest(), hashlib.sha1(data).hexdigest())
    assert (found.md5, found.size, found.mode) == (hashlib.md5(data).hexdigest(), len(data), 0o750)
    assert found.head == data[:HEAD]


def test_what_is_too_large_or_no_file_is_said(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"opt/x": "12345"})
    os.mkfifo(tmp_path / "opt/fifo")
    reader = Reader(open_target(str(tmp_path)))
    assert measure_file(reader, b"opt/missing") is None
    assert reader.unread == []
    assert measure_file(reader, b"opt/x", most=4) is None
    assert measure_file(reader, b"opt/fifo") is None
    assert [item.rel for item in reader.unread] == [b"opt/x", b"opt/fifo"]


def test_origin_of_a_program(tmp_path: Path) -> None:
    own(make_root(tmp_path), "tool", {"usr/bin/same": PROGRAM, "usr/bin/other": PROGRAM})
    write(tmp_path, {"usr/bin/other": "#!/bin/sh\n", "usr/bin/mine": PROGRAM})
    reader = Reader(open_target(str(tmp_path)))
    packages = PackageDatabase(reader)
    origins = {}
    for name in ("same", "other", "mine"):
        program = measure_file(reader, b"usr/bin/" + name.encode())
        assert program is not None
        entry = make_program_entry(reader, packages, program, "suid", entry=name)
        origins[entry.entry] = (entry.origin, entry.package, entry.text, entry.facts)
    assert origins == {
        "same": ("unknown", "tool", b"", frozenset()),
        "other": ("unknown", "tool", b"#!/bin/sh\n", frozenset((CHANGED,))),
        "mine": ("foreign", "", b"", frozenset()),
    }
