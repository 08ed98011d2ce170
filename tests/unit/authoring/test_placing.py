from pathlib import Path

import pytest

from codered.authoring.orders import Draft
from codered.authoring.placing import place_draft
from codered.model.errors import WrongUse

DRAFT = Draft("zork", {"pack.yaml": b"x", "examples/hit/a.log": b"y"}, ())


def test_a_draft_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    place = place_draft(DRAFT, tmp_path)
    assert (place / "examples/hit/a.log").read_bytes() == b"y"
    with pytest.raises(WrongUse, match="is there already"):
        place_draft(DRAFT, tmp_path)
    with pytest.raises(WrongUse, match="no such folder"):
        place_draft(DRAFT, tmp_path / "gone")
    broken = Draft("other", {"a": b"x", "a/b": b"y"}, ())
    with pytest.raises(WrongUse, match="can't be written"):
        place_draft(broken, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["zork"]
