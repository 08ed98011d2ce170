"""A part of a file as a device that goes with its last user, one that stays is taken away."""

import os
from pathlib import Path

import pytest

from codered.targets.overlay import loop_devices, programs
from codered.targets.overlay.loop_devices import attach_loop, detach_loops, list_loops
from codered.targets.overlay.programs import wait_until

MIB = 1 << 20


def test_a_part_of_a_file_as_a_device(tmp_path: Path) -> None:
    file = tmp_path / "odd name"
    file.write_bytes(b"a" * MIB + b"b" * MIB + b"c" * MIB)
    device, path = attach_loop(file, MIB, MIB, write=True)
    assert list_loops(tmp_path) == (path,)
    assert list_loops(tmp_path / "odd") == ()
    assert os.pread(device, 2 * MIB, 0) == b"b" * MIB
    os.pwrite(device, b"X" * 4096, MIB - 4096)
    os.close(device)
    assert wait_until(lambda: not list_loops(tmp_path))  # by itself
    detach_loops(tmp_path)
    assert file.read_bytes()[2 * MIB - 4098 : 2 * MIB + 1] == b"bb" + b"X" * 4096 + b"c"


def test_one_to_read_only_and_what_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(MIB))
    device, _ = attach_loop(file, 0, MIB, write=False)
    with pytest.raises(OSError, match="not permitted"):
        os.write(device, b"X" * 512)
    os.close(device)
    detach_loops(tmp_path)
    with pytest.raises(FileNotFoundError):
        attach_loop(tmp_path / "none", 0, MIB, write=False)
    with pytest.raises(OSError, match=r"\w"):
        attach_loop(tmp_path, 0, MIB, write=False)


def test_one_that_stays_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(MIB))
    monkeypatch.setattr(loop_devices, "_AUTOCLEAR", 0)
    monkeypatch.setattr(programs, "PATIENCE", 0.01)
    device, path = attach_loop(file, 0, MIB, write=True)
    os.close(device)
    assert list_loops(tmp_path) == (path,)
    detach_loops(tmp_path)
    assert list_loops(tmp_path) == ()
