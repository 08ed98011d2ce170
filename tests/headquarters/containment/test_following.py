"""A contained machine that shows up elsewhere is contained there, once, and until the same time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered_hq.config import Config
from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.asking import ask_for
from codered_hq.containment.following import follow
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Tag
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_switch, make_tables, surround

SWITCH = make_switch("sw1", "192.0.2.10")
CONFIG = Config(devices=(SWITCH,))
MAC = "02:00:00:00:01:01"
LATER = timedelta(minutes=5)


@pytest.fixture
def contained(headquarters: Path, played: PlayedDevices) -> Host:
    host = make_host("worm", "10.1.0.5", mac=MAC)
    at = datetime.now(UTC)
    around = surround(CONFIG, make_tables(SWITCH.address, {"p1": [MAC], "p2": []}))
    asked = ask_for(Goal(do="host", host=host.pk), Wish(seconds=3600), ASKER, around, at)
    carry_out_all([asked.decision], around, headquarters, at)
    return host


def test_it_is_followed_once(headquarters: Path, contained: Host, played: PlayedDevices) -> None:
    first = Containment.objects.get()
    at = datetime.now(UTC) + LATER
    assert follow(surround(CONFIG, make_tables(SWITCH.address, {"p1": [], "p2": []})), headquarters, at) == []
    moved = make_tables(SWITCH.address, {"p1": [], "p2": [MAC]})
    (line,) = follow(surround(CONFIG, moved), headquarters, at)
    assert "moved from sw1 p1 to sw1 p2" in line
    second = Containment.objects.get(port="p2")
    assert (second.state, second.follows, second.undo_at) == ("holding", first, first.undo_at)
    assert follow(surround(CONFIG, moved), headquarters, at) == []
    assert played.read("sw1") == {"p1": "disable_port", "p2": "disable_port"}


def test_never_to_an_uplink_and_a_no_is_not_asked_again(headquarters: Path, contained: Host) -> None:
    at = datetime.now(UTC) + LATER
    behind = make_tables(SWITCH.address, {"p1": [], "p2": [MAC]}, links=["p2"])
    assert follow(surround(CONFIG, behind), headquarters, at) == []
    contained.tags.add(Tag.objects.create(name="never_touch"))
    moved = make_tables(SWITCH.address, {"p1": [], "p2": [MAC]})
    (line,) = follow(surround(CONFIG, moved), headquarters, at)
    assert "refused: rule never-touch" in line
    number = Decision.objects.count()
    assert follow(surround(CONFIG, moved), headquarters, at + LATER) == []
    assert Decision.objects.count() == number
