import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.flows import lines
from codered.collect.flows.lines import Block, read_blocks, read_head, read_stretches


def read(path: Path) -> list[Block]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return list(read_blocks(descriptor))
    finally:
        os.close(descriptor)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 8)
    monkeypatch.setattr(lines, "MOST_LINE", 12)


def test_blocks_are_whole_lines_with_their_numbers(tmp_path: Path, small_blocks: None) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\nthree\nfour\nfive")
    blocks = read(path)
    assert b"".join(block.data for block in blocks) == b"one\ntwo\nthree\nfour\nfive\n"
    before = 1
    for block in blocks:
        assert block.line == before
        before += block.data.count(b"\n")


def test_a_line_that_is_too_long_is_passed_over_and_counted(tmp_path: Path, small_blocks: None) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n" + b"x" * 100 + b"\ntwo\n")
    blocks = read(path)
    assert b"".join(block.data for block in blocks) == b"one\ntwo\n"
    assert sum(block.cut for block in blocks) == 1
    assert next(block.line for block in blocks if b"two" in block.data) == 3


@given(content=st.binary(max_size=200).map(lambda data: b"#" + data))
@settings(max_examples=60)
def test_nothing_is_lost_or_made_up(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("lines") / "log"
    path.write_bytes(content)
    given_back = b"".join(block.data for block in read(path))
    assert given_back == (content if content.endswith(b"\n") or not content else content + b"\n")


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_logs_are_read_and_a_cut_one_says_so(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    data = os.urandom(50_000).hex().encode() + b"\n"
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.write_bytes(pack(data))
    cut.write_bytes(pack(data)[:-500])
    assert [(block.data, block.trouble) for block in read(whole)] == [(data, "")]
    assert read(cut)[-1].trouble
    descriptor = os.open(whole, os.O_RDONLY)
    assert read_head(descriptor) == data[: lines.MOST_HEAD]
    os.close(descriptor)


LOGS = (b"", b"\n", b"one", b"one\n\ntwo\n", b"\xef\xbb\xbf" + b"0123456789\n" * 20, b"x" * 99 + b"\n12\n345")


@pytest.mark.parametrize("content", LOGS)
@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_stretches_hold_every_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, block: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    path = tmp_path / "log"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    for shares in (1, 2, 3):
        stretches = [list(read_stretches(descriptor, share, shares)) for share in range(shares)]
        found = b"".join(stretches[at % shares][at // shares].data for at in range(sum(map(len, stretches))))
        whole = content.removeprefix(b"\xef\xbb\xbf")
        assert found == (whole if whole.endswith(b"\n") or not whole else whole + b"\n")
    os.close(descriptor)


def test_a_line_that_is_too_long_is_cut_from_its_stretch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 10)
    monkeypatch.setattr(lines, "MOST_LINE", 30)
    path = tmp_path / "log"
    path.write_bytes(b"1\n" + b"x" * 60 + b"\n2\n")
    descriptor = os.open(path, os.O_RDONLY)
    stretches = list(read_stretches(descriptor, 0, 1))
    assert (b"".join(one.data for one in stretches), [one.cut for one in stretches][:2]) == (b"1\n2\n", [1, 0])
    os.close(descriptor)
