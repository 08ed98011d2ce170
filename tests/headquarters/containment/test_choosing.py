"""Containments by number, by host, all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import Config
from codered_hq.containment.acting import carry_out, undo
from codered_hq.containment.asking import ask_for
from codered_hq.containment.choosing import find_rows
from codered_hq.containment.goals import Goal, Wish
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"), make_router("r2")))


def test_rows(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    host, free = make_host("worm", "10.9.9.9"), make_host("free", "10.9.9.8")
    decision = ask_for(Goal(do="block", networks=("10.9.9.9/32",)), Wish(), ASKER, surround(CONFIG), at).decision
    one, other = carry_out(decision, CONFIG, headquarters, at)
    assert find_rows([]) == [[one, other]] == find_rows([host.label]) == find_rows([one.uid[:8], other.uid, "worm"])
    assert find_rows([other.uid[:10]]) == [[other]]
    with pytest.raises(WrongUse, match="never contained"):
        find_rows([free.label])
    with pytest.raises(WrongUse, match="no host is known"):
        find_rows(["0123456789"])
    undo([one, other], "me", CONFIG, headquarters, at)
    assert find_rows(["worm"]) == [] == find_rows([])
