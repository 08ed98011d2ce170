"""What is about to be done is on disk, privately; what is broken is nothing."""

from pathlib import Path

import pytest

from codered_hq.containment import journal
from codered_hq.containment.journal import Begun, Unreadable
from codered_hq.model.device import ControlOrder, ControlState


def test_it_is_noted_recalled_and_dropped(tmp_path: Path) -> None:
    order = ControlOrder(kind="disable_port", device="sw1", label="x", port="p1")
    begun = Begun(order=order, before=ControlState(values={"admin": "up"}), backup=b"\0\xff")
    assert journal.recall(tmp_path, "one") is None
    journal.note(tmp_path, "one", begun)
    assert journal.recall(tmp_path, "one") == begun
    (path,) = (tmp_path / "begun").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("{")
    with pytest.raises(Unreadable):  # it is not as if nothing had been changed
        journal.recall(tmp_path, "one")
    journal.drop(tmp_path, "one")
    journal.drop(tmp_path, "one")
    assert not path.exists()
