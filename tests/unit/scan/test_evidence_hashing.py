import hashlib
import os
from pathlib import Path

import pytest

from codered.scan.evidence_hashing import EvidenceHashing
from codered.system import confining


def test_the_hash_comes_from_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"evidence" * 100_000)
    hashing = EvidenceHashing((os.fsencode(tmp_path / "a"),))
    assert hashing.finish() == hashlib.sha256(b"evidence" * 100_000).hexdigest()
    assert hashing.unconfined == ""
    hashing.stop()  # again does nothing


def test_why_it_was_not_confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confining, "LIBRARY", "libnot-there.so.9")
    (tmp_path / "a").write_bytes(b"evidence")
    hashing = EvidenceHashing((os.fsencode(tmp_path / "a"),))
    assert (hashing.finish(), hashing.unconfined) == (hashlib.sha256(b"evidence").hexdigest(), confining.NO_LIBRARY)


def test_what_can_not_be_read_has_no_hash(tmp_path: Path) -> None:
    assert EvidenceHashing((os.fsencode(tmp_path / "none"),)).finish() == ""


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 42)
    before = len(os.listdir("/proc/self/fd"))
    hashing = EvidenceHashing((os.fsencode(tmp_path / "large"),))
    hashing.stop()
    assert len(os.listdir("/proc/self/fd")) == before
