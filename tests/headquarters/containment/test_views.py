"""What needs somebody stands first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment.acting import carry_out, undo
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.views import list_views
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))


def test_views(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    rows = []
    for number in range(3):
        goal = Goal(do="block", networks=(f"10.9.9.{number}/32",))
        decision = ask_for(goal, Wish(seconds=60), ASKER, surround(CONFIG), at).decision
        rows += carry_out(decision, CONFIG, headquarters, at)
    undo(rows[:1], "me", CONFIG, headquarters, at)
    played.modes["r1"] = "silent"
    undo(rows[2:], "me", CONFIG, headquarters, at)
    assert [(each.uid, each.state, each.overdue) for each in list_views(at + timedelta(minutes=2))] == [
        (rows[2].uid, "stuck", True), (rows[1].uid, "holding", True),
    ]  # fmt: skip
    ended = list_views(at, ended=True)
    assert [each.state for each in ended] == ["stuck", "holding", "undone"]
    assert (ended[1].timers[0], ended[1].rule, ended[1].requested_by) == ("device: 60 s", "cut-ordinary", "asker")
    assert (ended[0].error, ended[0].tries, ended[2].undone_by) == ("r1: does not answer", 1, "me")
