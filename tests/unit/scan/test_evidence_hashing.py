import hashlib
import os
from pathlib import Path

import pytest

from codered.scan import evidence_hashing
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


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("f" * 64 + " " + "y" * 5000, ("f" * 64, "y" * 400)),
        ("a" * 65 + " why", ("", "why")),
        ("A" * 64 + " ", ("", "")),
        ("f" * 64 + "\n ", ("", "")),
        ("\xff" * 3000, ("", "")),
        ("", ("", "")),
    ],
    ids=["long", "more", "capitals", "line", "bytes", "nothing"],
)
def test_what_a_child_says_that_was_broken_into(
    said: str, expected: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(_files: tuple[bytes, ...], leash: int) -> str:
        os.write(leash, said.encode("latin-1"))
        os._exit(0)

    monkeypatch.setattr(evidence_hashing, "hash_evidence", say)
    hashing = EvidenceHashing(())
    assert (hashing.finish(), hashing.unconfined) == expected


def test_a_child_that_never_stops_talking_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def say(_files: tuple[bytes, ...], leash: int) -> str:
        while True:
            os.write(leash, b"f" * 4096)

    monkeypatch.setattr(evidence_hashing, "hash_evidence", say)
    assert EvidenceHashing(()).finish() == ""
