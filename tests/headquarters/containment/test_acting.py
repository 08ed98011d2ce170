"""Nothing is done without a permit; devices that refuse, ignore, or can't take back; half of a batch failing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import AwaitingApproval, Refused, WrongUse
from codered_hq.config import Config
from codered_hq.containment.acting import carry_out, carry_out_all, undo
from codered_hq.containment.asking import ask_for, ask_release
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Reservation
from codered_hq.hosts.models import Tag
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import verify_ledger
from tests.fixtures.gate_crew import ASKER, machine, wish
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround

CONFIG = Config(devices=(make_router("r1"), make_router("r2")))
NETWORK = "10.9.9.9/32"


def ask_block(address: str = NETWORK, at: datetime | None = None, seconds: int = 0) -> Decision:
    goal = Goal(do="block", networks=(address,))
    return ask_for(goal, Wish(seconds=seconds), ASKER, surround(CONFIG), at or datetime.now(UTC)).decision


def test_each_router_is_changed_and_taken_back(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    decision = ask_block(at=at)
    rows = carry_out(decision, CONFIG, headquarters, at)
    assert [(row.device, row.state, row.undo_at) for row in rows] == [
        (name, "holding", at + timedelta(hours=24)) for name in ("r1", "r2")
    ]
    assert {played.read(name)[NETWORK] for name in ("r1", "r2")} == {"block_address"}
    assert rows[0].timer[0] == ["device", "86400 s"]
    assert rows[0].proof == "not proven: no address of it is known"
    again = carry_out(decision, CONFIG, headquarters, at)
    assert [row.uid for row in again] == [row.uid for row in rows]  # once only
    assert played.log.count("r1 change") == 1
    release = ask_release(rows, Wish(), ASKER, at)
    assert [row.state for row in carry_out(release, CONFIG, headquarters, at)] == ["undone", "undone"]
    assert {played.read(name)[NETWORK] for name in ("r1", "r2")} == {"free"}
    carry_out(release, CONFIG, headquarters, at)
    assert played.log.count("r1 undo") == 1
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert kinds >= {"decision", "action", "undo"}
    assert not verify_ledger().problem


def test_without_a_permit_no_device_is_asked(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    host = make_host("vital", "10.9.9.9")
    host.tags.add(Tag.objects.create(name="vital"))
    waits = ask_block()
    with pytest.raises(AwaitingApproval):
        carry_out(waits, CONFIG, headquarters, at)
    host.tags.add(Tag.objects.create(name="never_touch"))
    never = ask_block()
    assert never.state == "refused"
    with pytest.raises(Refused, match="never-touch"):
        carry_out(never, CONFIG, headquarters, at)
    with pytest.raises(WrongUse, match="no decision about a containment"):
        carry_out(ask(wish(machine(1)), {"word": "fleet"}, ASKER), CONFIG, headquarters, at)
    allowed = ask_block("10.9.9.8/32")
    make_host("new", "10.9.9.8")  # somebody is known there now: not the same machines
    with pytest.raises(Refused, match="void"):
        carry_out(allowed, CONFIG, headquarters, at)
    assert played.log == []
    assert not Containment.objects.exists()


def test_half_of_a_batch_fails_and_the_rest_holds(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    played.modes["r2"] = "ignores"
    first, second = ask_block(at=at), ask_block("10.9.9.7/32", at)
    outcomes = carry_out_all([first, second], surround(CONFIG), headquarters, at)
    states = [[(row.device, row.state) for row in each.rows] for each in outcomes]
    assert states == [[("r1", "holding"), ("r2", "failed")]] * 2
    failed = Containment.objects.filter(device="r2").first()
    assert failed is not None
    assert "took the order and says" in failed.error
    assert played.read("r2").get(NETWORK, "free") == "free"
    assert Reservation.objects.filter(released=False).count() == 2  # something of each is in place
    played.modes["r1"] = "silent"
    (gone,) = carry_out_all([ask_block("10.9.9.6/32", at)], surround(CONFIG), headquarters, at)
    assert [row.state for row in gone.rows] == ["failed", "failed"]
    assert Reservation.objects.filter(released=False).count() == 2  # nothing was changed: not counted


def test_what_cant_be_taken_back_is_stuck(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    rows = carry_out(ask_block(at=at), CONFIG, headquarters, at)
    played.modes["r1"] = "clings"
    undo(rows, "me", CONFIG, headquarters, at)
    assert [(row.state, bool(row.error)) for row in rows] == [("stuck", True), ("undone", False)]
    played.modes.clear()
    played.write("r1", {NETWORK: "something else"})  # by hand, meanwhile
    undo(rows, "me", CONFIG, headquarters, at)
    assert (rows[0].state, "changed by somebody else meanwhile" in rows[0].error) == ("undone", True)
    assert played.read("r1")[NETWORK] == "something else"


def test_the_timer_of_the_device_was_first(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    rows = carry_out(ask_block(at=at, seconds=60), CONFIG, headquarters, at)
    played.write("r1", {NETWORK: "free"})
    undo(rows, "worker", CONFIG, headquarters, at + timedelta(seconds=61))
    assert [row.undone_by for row in rows] == ["timer of the device", "worker"]
