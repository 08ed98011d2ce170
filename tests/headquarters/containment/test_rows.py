"""Rows, ledger and the states of hosts move together; being cut off makes nobody sick."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment import rows
from codered_hq.containment.acting import carry_out, undo
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.fleet.cases import advance
from codered_hq.hosts.models import Host
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))


def contain(folder: Path, do: str, network: str) -> Containment:
    at = datetime.now(UTC)
    goal = Goal(do=do, networks=(network,))  # type: ignore[arg-type]
    (row,) = carry_out(ask_for(goal, Wish(), ASKER, surround(CONFIG), at).decision, CONFIG, folder, at)
    return row


def test_states_of_hosts(headquarters: Path, played: PlayedDevices) -> None:
    sick, well = make_host("sick", "10.9.9.9"), make_host("well", "10.9.9.8")
    advance(sick, "infected", datetime.now(UTC), "a report")

    def states() -> list[str]:
        return [Host.objects.get(pk=each.pk).state for each in (sick, well)]

    subnet = contain(headquarters, "subnet", "10.9.9.0/24")
    assert states() == ["contained", "unknown"]
    both = [contain(headquarters, "block", "10.9.9.9/32"), contain(headquarters, "block", "10.9.9.8/32")]
    assert states() == ["contained", "contained"]
    at = datetime.now(UTC)
    undo([subnet], "me", CONFIG, headquarters, at)
    assert states() == ["contained", "contained"]  # the other one still holds
    undo(both, "me", CONFIG, headquarters, at)
    assert states() == ["infected", "unknown"]


def test_pauses_grow_and_end(headquarters: Path, played: PlayedDevices) -> None:
    row = contain(headquarters, "block", "10.9.9.9/32")
    at = datetime.now(UTC)
    pauses = []
    for _ in range(9):
        rows.note_stuck(row, "silent", at)
        assert row.next_try is not None
        pauses.append((row.next_try - at) / timedelta(seconds=1))
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert rows.describe(row) == "block_address r1 10.9.9.9/32"
