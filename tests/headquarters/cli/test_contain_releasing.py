"""`codered contain release`: for the incident that it was contained for, and told if it can't be."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered_hq.config import Config
from codered_hq.containment.acting import carry_out
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import ASKER, declare
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.saying import Say
from tests.fixtures.switched_headquarters import write_config

ROUTER = make_router("r1")


@pytest.mark.django_db
def test_release_and_what_is_stuck(
    headquarters: Path, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(headquarters, ROUTER)
    open_headquarters()
    put_sample_in_force(headquarters)
    played = PlayedDevices(tmp_path)
    played.put_in(monkeypatch)
    make_host("worm", "10.9.9.9")
    declare("red")
    declare("blue")  # two are open: it need not be said which
    at, config = datetime.now(UTC), Config(devices=(ROUTER,))
    goal = Goal(do="block", networks=("10.9.9.9/32",))
    (row,) = carry_out(
        ask_for(goal, Wish(incident="red"), ASKER, surround(config), at).decision, config, headquarters, at
    )
    dry = say("contain", "release", "--all", "--dry-run", "--json")
    assert msgspec.json.decode(dry.out)["results"][0]["state"] == "allowed"
    other = say("contain", "release", row.uid[:8], "--yes", "--incident", "blue")
    assert (other.code, "waits for executive" in other.err) == (5, True), other
    played.modes["r1"] = "silent"
    stuck = say("contain", "release", "worm", "--yes", "--reason", "over")
    assert (stuck.code, "does not answer" in stuck.err) == (7, True), stuck
    listed = say("contain", "list")
    assert (listed.code, "stuck" in listed.out, "does not answer" in listed.out) == (1, True, True)
    played.modes.clear()
    done = say("contain", "release", "worm", "--yes", "--json")
    assert (done.code, msgspec.json.decode(done.out)["results"][0]["state"]) == (0, "released"), done
    assert Containment.objects.get().state == "undone"
    assert say("contain", "release", "worm", "--yes").code == 0  # nothing is contained
