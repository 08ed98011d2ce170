"""What was allowed while nobody was there is carried out, once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.waiting import carry_out_waiting
from codered_hq.gate.asking import ask
from tests.fixtures.gate_crew import ASKER, machine, wish
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))


def test_allowed_decisions(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    fleet = ask(wish(machine(1), at=at), {"word": "fleet"}, ASKER)
    for number in (1, 2):
        ask_for(Goal(do="block", networks=(f"10.9.9.{number}/32",)), Wish(), ASKER, surround(CONFIG), at)
    lines = carry_out_waiting(surround(CONFIG), headquarters, at)
    assert [line.rpartition(": ")[2] for line in lines] == ["holding", "holding"]
    assert carry_out_waiting(surround(CONFIG), headquarters, at) == []
    fleet.refresh_from_db()
    assert fleet.state == "allowed"
    ask_for(Goal(do="block", networks=("10.9.9.3/32",)), Wish(), ASKER, surround(CONFIG), at)
    (late,) = carry_out_waiting(surround(CONFIG), headquarters, at + timedelta(hours=1))
    assert "expired" in late
