import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from codered.collect.flows import lines, sharing
from codered.collect.flows.chunk import FlowChunk, make_chunk
from codered.collect.flows.eve import EveLines
from codered.collect.flows.lines import Block
from codered.collect.flows.sharing import read_chunks
from codered.collect.flows.source import FlowSource
from codered.collect.flows.zeek_tsv import ZeekTable
from tests.fixtures.children import list_children

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
    descriptors, children = os.listdir("/proc/self/fd"), list_children()
    for processes in (2, 3):
        assert list(read_chunks(log, ZeekTable, processes)) == alone
    assert os.listdir("/proc/self/fd") == descriptors
    assert list_children() == children  # another test of this process may have left its own
    os.close(log)


def test_processes_end_with_the_reading(log: int) -> None:
    children = list_children()
    chunks = read_chunks(log, ZeekTable, 2)
    next(chunks)
    assert list_children() > children
    chunks.close()  # type: ignore[attr-defined]
    assert list_children() == children
    os.close(log)


class Dying:
    by_line = False

    def follow(self, block: Block) -> None:
        """Nothing."""

    def read(self, block: Block) -> FlowChunk:
        if block.line > 1:
            os._exit(9)
        return make_chunk()


def test_a_process_that_dies_is_told(log: int) -> None:
    assert "before its time" in list(read_chunks(log, Dying, 2))[-1].trouble
    os.close(log)


class Lying(Dying):
    def read(self, block: Block) -> FlowChunk:
        if block.line > 1:
            for descriptor in map(int, os.listdir("/proc/self/fd")):
                with suppress(OSError):
                    os.write(descriptor, (4).to_bytes(8, "big") + b"nope")
        return make_chunk()


def test_what_is_no_chunk_ends_the_reading(log: int) -> None:
    assert list(read_chunks(log, Lying, 2))[-1].trouble == sharing.LOST
    os.close(log)


class Silent(Dying):
    def read(self, block: Block) -> FlowChunk:
        if block.line > 1:
            signal.pause()
        return make_chunk()


def test_a_process_that_says_no_more_is_given_up(log: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "STUCK_AFTER", 0.5)
    assert list(read_chunks(log, Silent, 2))[-1].trouble == sharing.LOST
    os.close(log)


def test_stretches_of_a_file_name_the_same_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 500)
    event = (
        b'{"timestamp":"2024-01-01T00:%02d:00.000000+0000","event_type":"flow","src_ip":"10.0.0.1","src_port":1,'
        b'"dest_ip":"192.0.2.%d","dest_port":80,"proto":"TCP","flow":{"pkts_toclient":0},"tcp":{"tcp_flags_ts":"02"}}\n'
    )
    path = tmp_path / "eve.json"
    path.write_bytes(b"".join(event % (at % 60, at % 5) for at in range(50)) + b"{damaged\n" + event % (1, 1))
    for processes in (1, 2, 3):
        source = FlowSource(
            os.open(path, os.O_RDONLY), "eve", partial(read_chunks, make_reader=EveLines, processes=processes)
        )
        events = sum(1 for _ in source.read())
        source.close()
        assert source.records == 52
        assert source.troubles[0].startswith("1 of 52 records could not be read, first line 51: ")
        assert (events, sum(source.repeats.values())) == (100, 1)
