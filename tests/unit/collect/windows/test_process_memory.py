import pytest

from codered.collect.windows import process_memory
from codered.collect.windows.process_memory import OVERLAP, PIECE, WindowsProcessMemory, tell_rights
from codered.model.process import ProcessId
from codered.system.windows_processes import Committed


class Opened:
    """A process of three regions: its own, a program's code, and a file that is only read."""

    def __init__(self, pid: int, *, memory: bool = False) -> None:
        assert memory
        self.regions = lambda: iter(
            [Committed(0x1000, PIECE + 100, 0x4, True), Committed(0x9000_0000, 50, 0x20, False),
             Committed(0xA000_0000, 50, 0x2, False), Committed(0xB000_0000, 10, 0x4, True)]
        )  # fmt: skip

    def started(self) -> int:
        return 7

    def read(self, address: int, size: int) -> bytes:
        if address == 0xB000_0000:
            raise OSError("gone")
        return bytes(size)

    def __exit__(self, *_error: object) -> None:
        pass


@pytest.fixture(autouse=True)
def pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_memory, "OpenProcess", Opened)


def test_pieces_overlap_and_what_is_only_a_file_is_left_out() -> None:
    with WindowsProcessMemory(ProcessId(5, 7)) as memory:
        pieces = [(piece.address, len(piece.data)) for piece in memory.pieces()]
    assert pieces == [(0x1000, PIECE), (0x1000 + PIECE - OVERLAP, OVERLAP + 100), (0x9000_0000, 50)]
    assert (memory.summary.regions, memory.summary.unreadable) == (3, 1)
    assert memory.summary.bytes == PIECE + OVERLAP + 150


def test_a_pid_that_is_used_again_is_not_read() -> None:
    with pytest.raises(ProcessLookupError):
        WindowsProcessMemory(ProcessId(5, 8))


def test_more_than_there_is_time_for_is_said() -> None:
    with WindowsProcessMemory(ProcessId(5, 7), seconds=-1) as memory:
        assert list(memory.pieces()) == []
    assert memory.summary.troubles == ["it has more memory than there was time for"]


def test_rights_are_told_as_everywhere() -> None:
    assert [tell_rights(bits) for bits in (0x2, 0x4, 0x10, 0x20, 0x40)] == ["r--p", "rw-p", "--xp", "r-xp", "rwxp"]
