import os
from pathlib import Path

import pytest

from codered.collect.flows import lines
from codered.collect.flows.chunk import FlowChunk, make_chunk
from codered.collect.flows.lines import Block
from codered.collect.flows.sharing import read_chunks
from codered.collect.flows.zeek_tsv import ZeekTable

HEAD = b"#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state\n"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(lines, "BLOCK", 400)
    body = b"".join(b"%d.5\t10.0.0.1\t192.0.2.%d\t80\ttcp\tS0\n" % (900 + n, n % 250) for n in range(200))
    path = tmp_path / "conn.log"
    path.write_bytes(HEAD + body + b"damaged\n" + body)
    return os.open(path, os.O_RDONLY)


def test_several_processes_give_what_one_gives(log: int) -> None:
    alone = list(read_chunks(log, ZeekTable, 1))
    assert sum(chunk.records for chunk in alone) == 401
    assert [chunk.damaged_line for chunk in alone if chunk.damaged] == [202]
    descriptors = os.listdir("/proc/self/fd")
    for processes in (2, 3):
        assert list(read_chunks(log, ZeekTable, processes)) == alone
    assert os.listdir("/proc/self/fd") == descriptors
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    os.close(log)


def test_processes_end_with_the_reading(log: int) -> None:
    chunks = read_chunks(log, ZeekTable, 2)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    os.close(log)


class Dying:
    def follow(self, block: Block) -> None:
        """Nothing."""

    def read(self, block: Block) -> FlowChunk:
        if block.line > 1:
            os._exit(9)
        return make_chunk()


def test_a_process_that_dies_is_told(log: int) -> None:
    assert "before its time" in list(read_chunks(log, Dying, 2))[-1].trouble
    os.close(log)
