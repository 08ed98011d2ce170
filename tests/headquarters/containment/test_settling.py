"""A process that dies at any step; what the keeper did; what is due and can't be taken back now."""

import fcntl
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered_hq.config import Config
from codered_hq.containment.acting import KEEPER_FOLDER, carry_out, carry_out_all
from codered_hq.containment.asking import ask_for, ask_release
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.settling import hear, settle, settle_only, tell_keeping
from codered_hq.devices.keeping import KeptResult, read_done
from codered_hq.devices.kept_orders import DONE, write_file
from codered_hq.incidents.models import Outgoing
from codered_hq.ledger.models import LedgerEntry
from codered_hq.model.device import ControlOrder, ControlState
from tests.conftest import CHECKOUT
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.played_devices import PlayedDevices, PlayedDriver, make_router, surround

CONFIG = Config(devices=(make_router("r1"),))
NETWORK = "10.9.9.9/32"


def test_a_process_that_dies_at_any_step_leaves_nothing_unknown(tmp_path: Path) -> None:
    program = CHECKOUT / "tests/fixtures/crashing_containments.py"
    environment = {**os.environ, "PYTHONPATH": f"{CHECKOUT / 'src'}:{CHECKOUT}", "DJANGO_SETTINGS_MODULE": ""}
    done = subprocess.run(
        [sys.executable, program, tmp_path], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {said["step"]: said for said in map(json.loads, done.stdout.splitlines())}
    assert list(found) == ["begin", "read", "back_up", "change", "changed", "note"], done.stderr
    assert {said["code"] for said in found.values()} == {9}
    assert {(said["ledger"], said["again"]) for said in found.values()} == {("", 0)}, found
    for step in ("begin", "read", "back_up", "change"):  # nothing was changed, and nobody is counted
        assert (found[step]["device"], found[step]["counted"]) == ("free", 0), found[step]
        assert found[step]["state"] == ("" if step == "begin" else "failed")
    for step in ("changed", "note"):  # it is in place, and can be taken back
        said = found[step]
        assert (said["state"], said["device"], said["counted"]) == ("holding", "block_address", 1), said
        assert (said["before"], said["noted"]) == ({"is": "free"}, 0)


def contain(headquarters: Path, at: datetime) -> Containment:
    asked = ask_for(Goal(do="block", networks=(NETWORK,)), Wish(seconds=3600), ASKER, surround(CONFIG), at)
    (row,) = carry_out(asked.decision, CONFIG, headquarters, at)
    return row


def test_what_is_due_is_taken_back_and_kept_trying(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    row = contain(headquarters, at)
    assert (row.state, row.undo_at) == ("holding", at + timedelta(hours=1))
    assert settle(CONFIG, headquarters, at + timedelta(minutes=59)) == []
    played.modes["r1"] = "silent"
    late = at + timedelta(hours=1)
    (line,) = settle(CONFIG, headquarters, late)
    assert "CAN'T BE TAKEN BACK" in line
    row.refresh_from_db()
    assert (row.state, row.tries, row.next_try) == ("stuck", 1, late + timedelta(seconds=5))
    (notice,) = Outgoing.objects.all()
    assert "can't be taken back" in notice.subject
    assert settle(CONFIG, headquarters, late + timedelta(seconds=4)) == []
    settle(CONFIG, headquarters, late + timedelta(seconds=5))
    row.refresh_from_db()
    assert (row.tries, Outgoing.objects.count()) == (2, 1)  # told once
    played.modes.clear()
    settle(CONFIG, headquarters, late + timedelta(minutes=5))
    row.refresh_from_db()
    assert (row.state, row.undone_by, played.read("r1")) == ("undone", "worker", {NETWORK: "free"})


def test_what_the_keeper_did_is_heard(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    row = contain(headquarters, at)
    keeper = headquarters / KEEPER_FOLDER
    assert (keeper / "due" / f"{row.uid}.json").exists()
    result = KeptResult(uid=row.uid, outcome="undone", at=at + timedelta(hours=1))
    write_file(keeper / DONE / f"{row.uid}.json", msgspec.json.encode(result))
    write_file(keeper / DONE / "nobody.json", msgspec.json.encode(KeptResult(uid="nobody", outcome="undone", at=at)))
    broken = KeptResult(uid="odd", outcome="broken", at=at, message="can't be used")
    write_file(keeper / DONE / "odd.json", msgspec.json.encode(broken))
    write_file(keeper / DONE / "poisoned.json", msgspec.json.encode(msgspec.structs.replace(result, uid="no/name")))
    lines = settle(CONFIG, headquarters, at)
    row.refresh_from_db()
    assert (row.state, row.undone_by, row.undone_at) == ("undone", "keeper", result.at), lines
    assert len(lines) == 3
    said = list(LedgerEntry.objects.filter(who="keeper").values_list("kind", flat=True))
    assert sorted(said) == ["failed", "undo", "undo"]  # also of what nobody here knows
    assert [path.name for path in (keeper / "aside").iterdir()] == ["poisoned.json"]
    assert read_done(keeper) == []


def test_a_word_settles_its_own_alone(headquarters: Path, played: PlayedDevices) -> None:
    at = datetime.now(UTC)
    row = contain(headquarters, at)
    late = at + timedelta(hours=1)
    asked = played.log.copy()
    assert hear(headquarters) == []
    assert settle_only([], CONFIG, headquarters, late) == []
    row.state = "stuck"
    assert settle_only([row], CONFIG, headquarters, late) == []  # that is the worker's
    assert played.log == asked
    row.refresh_from_db()
    (line,) = settle_only([row], CONFIG, headquarters, late)
    assert "taken back by worker" in line
    with (headquarters / "containing.lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert hear(headquarters) == []  # nobody is waited for


def break_off(headquarters: Path, at: datetime, patch: pytest.MonkeyPatch) -> Containment:
    """It is in place, and who did it has died before he could say so."""
    with patch.context() as until_here:
        until_here.setattr("codered_hq.containment.acting._note", die)
        with pytest.raises(KeyboardInterrupt):
            contain(headquarters, at)
    return Containment.objects.get()


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_lost_note_is_found_with_the_keeper(
    headquarters: Path, played: PlayedDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC)
    row = break_off(headquarters, at, monkeypatch)
    (headquarters / "begun" / f"{row.uid}.json").unlink()
    settle(CONFIG, headquarters, at)
    row.refresh_from_db()
    assert (row.state, row.before["values"]) == ("holding", {"is": "free"})
    assert (headquarters / KEEPER_FOLDER / "due" / f"{row.uid}.json").exists()


@pytest.mark.parametrize("broken", [False, True])
def test_what_nobody_remembers_is_stuck_until_the_device_says_otherwise(
    headquarters: Path, played: PlayedDevices, monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    at = datetime.now(UTC)
    row = break_off(headquarters, at, monkeypatch)
    (headquarters / KEEPER_FOLDER / "due" / f"{row.uid}.json").unlink()
    note = headquarters / "begun" / f"{row.uid}.json"
    note.write_text("{") if broken else note.unlink()
    settle(CONFIG, headquarters, at)
    row.refresh_from_db()
    assert (row.state, "look at it" in row.error, played.read("r1")) == ("stuck", True, {NETWORK: "block_address"})
    settle(CONFIG, headquarters, at + timedelta(minutes=10))
    row.refresh_from_db()
    assert (row.state, row.tries) == ("stuck", 2)
    played.write("r1", {NETWORK: "free"})
    settle(CONFIG, headquarters, at + timedelta(hours=1))
    row.refresh_from_db()
    assert (row.state, row.undone_by) == ("undone", "somebody else")


def test_a_release_whose_process_dies_is_gone_on_with(
    headquarters: Path, played: PlayedDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC)
    row = contain(headquarters, at)
    release = ask_release([row], Wish(), ASKER, at)
    with monkeypatch.context() as until_here:
        until_here.setattr("codered_hq.containment.acting.undo", die)
        with pytest.raises(KeyboardInterrupt):
            carry_out_all([release], surround(CONFIG), headquarters, at)
    release.refresh_from_db()
    row.refresh_from_db()
    assert (release.state, row.state) == ("taken", "undoing")
    settle(CONFIG, headquarters, at)
    row.refresh_from_db()
    assert (row.state, played.read("r1")) == ("undone", {NETWORK: "free"})


def test_a_lying_device_keeps_no_other_and_a_dead_keeper_is_revived(
    headquarters: Path, played: PlayedDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC)
    two = Config(devices=(make_router("r1"), make_router("r2")))
    asked = ask_for(Goal(do="block", networks=(NETWORK,)), Wish(seconds=3600), ASKER, surround(two), at)
    carry_out(asked.decision, two, headquarters, at)
    started: list[Path] = []

    def start(folder: Path) -> bool:
        started.append(folder)
        return True

    monkeypatch.setattr("codered_hq.containment.settling.start_keeper", start)
    honest = PlayedDriver.read_state

    def lie(self: PlayedDriver, order: ControlOrder) -> ControlState:
        return honest(self, order) if order.device == "r2" else ControlState(values={"is": str(int("no number"))})

    monkeypatch.setattr(PlayedDriver, "read_state", lie)
    lines = settle(two, headquarters, at + timedelta(hours=2))
    assert (started, "keeper" in lines[0]) == ([headquarters / KEEPER_FOLDER], True)
    lines = tell_keeping(headquarters)
    assert (len(lines), "not running" in lines[0]) == (1, True)
    result = KeptResult(uid="abcdefghij", outcome="failing", at=at, device="r1", tries=3, message="silent")
    write_file(headquarters / KEEPER_FOLDER / "failing" / "abcdefghij.json", msgspec.json.encode(result))
    assert tell_keeping(headquarters)[1:] == ["the keeper can't take back abcdefgh on r1: silent (tried 3 times)"]
    states = dict(Containment.objects.values_list("device", "state"))
    assert (states, played.read("r2")) == ({"r1": "stuck", "r2": "undone"}, {NETWORK: "free"})
