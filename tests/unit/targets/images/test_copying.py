import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from codered.targets.images import copying
from codered.targets.images.attributes import Content
from codered.targets.images.copying import ENCRYPTED, LESS, TOO_MUCH, copy_out
from codered.targets.images.shapes import TskAttribute

BLOCK = 4096
DATA = Content(0x80, 1, 0, 1)


class Run(NamedTuple):
    offset: int
    len: int
    flags: int = 0


class Info(NamedTuple):
    type: int = 0x80
    id: int = 1


class Attribute(list[Run]):
    info = Info()


class Stored:
    """A file of zeros but for its runs, which are of `A`."""

    info: Any = None

    def __init__(self, size: int, *runs: Run) -> None:
        self.size = size
        self.runs = runs
        self.asked = 0

    def __iter__(self) -> Iterator[TskAttribute]:
        attribute: Any = Attribute(self.runs)
        yield attribute

    def read_random(self, offset: int, size: int, kind: int = 0, number: int = 0) -> bytes:
        self.asked += size
        return b"A" * max(min(size, self.size - offset), 0)


def copied(file: "Stored", content: Content | None, size: int) -> os.stat_result:
    descriptor = copy_out(file, content, size, BLOCK)
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def test_a_small_file_is_copied_whole() -> None:
    descriptor = copy_out(Stored(5000), DATA, 5000, BLOCK)
    assert os.pread(descriptor, 6000, 0) == b"A" * 5000
    os.close(descriptor)
    assert copied(Stored(0), None, 0).st_size == 0


def test_holes_of_a_large_file_stay_holes() -> None:
    size = 1 << 40
    file = Stored(size, Run(0, 2), Run(2, 1 << 20, 2), Run(1 << 26, 1), Run((1 << 26) + 1, 1), Run(1 << 27, 9, 1))
    status = copied(file, DATA, size)
    assert (status.st_size, status.st_blocks * 512 < 1 << 20) == (size, True)
    assert file.asked == 4 * BLOCK


def test_a_compressed_file_is_read_by_whole_units() -> None:
    size = 1 << 30
    file = Stored(size, Run(0, 1), Run(1, 15, 2), Run(16, 16, 2), Run(32, 1))
    copied(file, DATA._replace(flags=0x21), size)
    assert file.asked == 2 * 16 * BLOCK


def test_what_can_not_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="EFS") as refused:
        copied(Stored(5), DATA._replace(flags=0x11), 5)
    assert str(refused.value) == ENCRYPTED
    with pytest.raises(OSError, match=LESS):
        copied(Stored(10), DATA, 20)
    monkeypatch.setattr(copying, "MOST_COPIED", 1 << 20)
    with pytest.raises(OSError, match=TOO_MUCH[:10]):
        copied(Stored(1 << 30, Run(0, 1 << 16)), DATA, 1 << 30)
    monkeypatch.undo()
    monkeypatch.setattr(copying, "IN_MEMORY", 1 << 60)
    assert len(os.listdir("/proc/self/fd")) == before
