"""From a goal to a decision; what is so already; what the rules would say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment.acting import carry_out
from codered_hq.containment.aiming import aim
from codered_hq.containment.asking import ask_for, ask_release, find_held, preview, read_wish
from codered_hq.containment.goals import Goal, Wish, read_order
from codered_hq.gate.models import Decision
from tests.fixtures.gate_crew import ASKER, declare
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))
GOAL = Goal(do="block", networks=("10.9.9.9/32",))


def test_what_is_asked_is_found_again(headquarters: Path, played: PlayedDevices) -> None:
    at, around = datetime.now(UTC), surround(CONFIG)
    host = make_host("worm", "10.9.9.9")
    declare("red")
    wish = Wish(seconds=600, reason="it spreads", incident="red")
    assert preview(aim(GOAL, around), wish, "x", at).rule == "cut-ordinary"
    assert (Decision.objects.count(), played.log) == (0, [])
    asked = ask_for(GOAL, wish, ASKER, around, at)
    assert (asked.decision.state, asked.decision.target, asked.decision.undo_after) == (
        "allowed",
        "address 10.9.9.9",
        600,
    )
    assert (read_order(asked.decision), read_wish(asked.decision)) == (GOAL, wish)
    assert [each["host"] for each in asked.decision.request["subjects"]] == [host.pk]
    assert ask_for(GOAL, wish, ASKER, around, at).decision.uid == asked.decision.uid
    assert find_held(GOAL) == []
    rows = carry_out(asked.decision, CONFIG, headquarters, at)
    for goal in (GOAL, Goal(do="host", host=host.pk)):
        assert [row.uid for row in find_held(goal)] == [rows[0].uid]
    assert find_held(Goal(do="host", host=host.pk, quarantine=True)) == []
    assert [find_held(GOAL, at + timedelta(seconds=more)) for more in (630, 7200)] == [rows, []]  # it may be extended
    release = ask_release(rows, Wish(incident="red"), ASKER, at)
    assert (release.kind, release.state, read_order(release).uids) == ("release", "allowed", (rows[0].uid,))


def test_a_release_against_another_incident_needs_an_executive(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    make_host("worm", "10.9.9.9")
    declare("red")
    declare("blue")
    asked = ask_for(GOAL, Wish(incident="red"), ASKER, surround(CONFIG), at)
    rows = carry_out(asked.decision, CONFIG, headquarters, at)
    other = ask_release(rows, Wish(incident="blue"), ASKER, at)
    assert (other.state, other.rule, other.needs) == ("awaiting", "two-incidents", ["executive"])
    assert ask_release(rows, Wish(incident="red"), ASKER, at).state == "allowed"
