from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.rescue import medium
from codered.rescue.disks import read_uuid
from tests.fixtures.rescue_media import UUID


def test_the_partition_of_the_medium_is_labelled_and_filled(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/plan.json").write_text("{}")
    medium.make_state_partition(tmp_path / "content", tmp_path / "state", 8 << 20, UUID)
    raw = (tmp_path / "state").read_bytes()
    assert (len(raw), read_uuid(raw), b"plan.json" in raw) == (8 << 20, UUID, True)


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    medium.refuse_missing_programs()
    monkeypatch.setattr(medium, "find_program", lambda name: None if name == "xorriso" else name)
    with pytest.raises(Refused, match="apt-get install xorriso"):
        medium.refuse_missing_programs()
