"""Files whole or not at all."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.reporting.writing import write_bytes


def test_a_file_is_replaced_whole_and_private_and_a_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "a", tmp_path / "b"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_bytes(link, b"new")
    assert (target.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"old", b"new", False)
    assert link.stat().st_mode & 0o777 == 0o600
    (tmp_path / "folder").mkdir()
    for wrong in (tmp_path / "none" / "x", tmp_path / "folder"):
        with pytest.raises(WrongUse, match="can't be written"):
            write_bytes(wrong, b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "folder"]
