import hashlib
import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.targets.images.evidence_hash import hash_evidence, read_states


def test_over_all_files_in_order(tmp_path: Path) -> None:
    for name, data in (("a", b"x" * 5_000_000), ("b", b"end")):
        (tmp_path / name).write_bytes(data)
    files = (os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "b"))
    assert hash_evidence(files) == hashlib.sha256(b"x" * 5_000_000 + b"end").hexdigest()
    states = read_states(files)
    assert states == read_states(files)
    (tmp_path / "b").write_bytes(b"End")
    assert read_states(files) != states
    with pytest.raises(WrongUse):
        hash_evidence((os.fsencode(tmp_path / "none"),))


def test_it_stops_when_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 9_000_000)
    reading, writing = os.pipe()
    files = (os.fsencode(tmp_path / "a"),)
    assert len(hash_evidence(files, writing)) == 64
    os.close(reading)
    assert hash_evidence(files, writing) == ""
    os.close(writing)
