"""A fleet that is played, behind the words of headquarters."""

import pytest

from codered_hq.engines import ENGINES
from codered_hq.model.engine import Program
from codered_hq.shipping import host_file
from tests.fixtures.played_fleets import PlayedFleet


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> PlayedFleet:
    """The only engine there is; nothing is built for it."""
    fleet = PlayedFleet()
    program = Program(path="/dev/null", sha256="0" * 64, size=0)
    monkeypatch.setitem(ENGINES, "ansible", lambda _config: fleet)
    monkeypatch.setattr(host_file, "build_host_file", lambda _into, *, with_prober: program)
    return fleet
