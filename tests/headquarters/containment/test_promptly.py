"""What somebody waits for is done at once if it is small and nobody else is at it; else the worker does it."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.promptly import MOST_AT_ONCE, Means, ask_back, carry_out_promptly
from codered_hq.containment.turns import take_turn
from codered_hq.gate.models import Decision
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))


def ask_block(*networks: str) -> Decision:
    goal = Goal(do="block", networks=networks or ("10.9.9.9/32",))
    return ask_for(goal, Wish(incident="worm"), ASKER, surround(CONFIG), datetime.now(UTC)).decision


def test_done_at_once_and_taken_back(headquarters: Path, played: PlayedDevices) -> None:
    means, at = Means(CONFIG, headquarters), datetime.now(UTC)
    done = carry_out_promptly(ask_block(), means, at)
    assert ([row.state for row in done.rows], done.left) == (["holding"], "")
    asked = ask_back(done.rows, "patched", ASKER, at)
    assert asked is not None
    assert (asked.kind, asked.reason, asked.incident) == ("release", "patched", "worm")
    back = carry_out_promptly(asked, means, at)
    assert [row.state for row in back.rows] == ["undone"]
    assert ask_back(back.rows, "again", ASKER, at) is None


def test_left_for_the_worker(headquarters: Path, played: PlayedDevices) -> None:
    means, at, decision = Means(CONFIG, headquarters), datetime.now(UTC), ask_block()
    many = ask_block(*(f"10.9.8.{number}/32" for number in range(MOST_AT_ONCE + 1)))
    assert carry_out_promptly(many, means, at).left == "it is about many machines"
    held, ended = threading.Event(), threading.Event()

    def hold() -> None:
        with take_turn(headquarters):
            held.set()
            ended.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(60)
    try:
        assert "just now" in carry_out_promptly(decision, means, at).left
    finally:
        ended.set()
        other.join(60)
    assert played.log == []
    decision.refresh_from_db()
    assert decision.state == "allowed"
