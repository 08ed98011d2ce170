import bz2
import gzip
import lzma
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from codered.collect import log_unpacking
from codered.collect.log_unpacking import UnpackingStopped, detect_packing, unpack

TEXT = b"".join(b"line %d of a log\n" % number for number in range(50_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def unpack_file(path: Path, data: bytes) -> tuple[bytes, str]:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    out = []
    try:
        for piece in unpack(descriptor, detect_packing(data)):
            assert len(piece) <= 40 << 20
            out.append(piece)
    except UnpackingStopped as reason:
        return b"".join(out), str(reason)
    finally:
        os.close(descriptor)
    return b"".join(out), ""


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_one_member_and_several(tmp_path: Path, packing: str) -> None:
    packed = PACKERS[packing](TEXT)
    assert detect_packing(packed) == packing
    assert unpack_file(tmp_path / "a", packed) == (TEXT, "")
    assert unpack_file(tmp_path / "b", packed + PACKERS[packing](b"more\n")) == (TEXT + b"more\n", "")
    assert unpack_file(tmp_path / "c", PACKERS[packing](b"")) == (b"", "")


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_cut_short_gives_what_was_readable(tmp_path: Path, packing: str) -> None:
    noisy = random.Random(1).randbytes(3_000_000)
    packed = PACKERS[packing](noisy)
    out, why = unpack_file(tmp_path / "a", packed[: len(packed) // 2])
    assert why == f"the {packing} data end too early"
    assert out
    assert noisy.startswith(out)


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_damage_and_strange_tails_are_told(tmp_path: Path, packing: str) -> None:
    packed = PACKERS[packing](random.Random(1).randbytes(300_000))
    broken = packed[:200] + bytes(byte ^ 0x5A for byte in packed[200:400]) + packed[400:]
    assert unpack_file(tmp_path / "a", broken)[1] != ""
    out, why = unpack_file(tmp_path / "b", PACKERS[packing](TEXT) + b"not packed at all")
    assert (out, why) == (TEXT, f"something else follows the {packing} data")


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_a_bomb_is_given_up(tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_unpacking, "CHECK_RATIO_FROM", 2 << 20)
    monkeypatch.setattr(log_unpacking, "MOST_RATIO", 20)
    out, why = unpack_file(tmp_path / "a", PACKERS[packing](b"\n" * (64 << 20)))
    assert why.startswith("gave up")
    assert len(out) < 48 << 20


def test_padding_behind_gzip_is_no_trouble(tmp_path: Path) -> None:
    assert unpack_file(tmp_path / "a", gzip.compress(b"x\n") + b"\0" * 512) == (b"x\n", "")


def test_plain() -> None:
    assert detect_packing(b"192.0.2.1 - -") == "plain"
    assert detect_packing(b"") == "plain"
