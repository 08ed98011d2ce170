import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from codered.model.containment import ContainmentRecord
from codered.remediate.keeping import keeper
from codered.remediate.keeping.deadlines import read_since_boot
from codered.remediate.keeping.keeper import FIGHT_PAUSE, MOST_A_MINUTE, MOST_UNDOING, Keeper
from codered.remediate.keeping.own_tables import OwnTables, TablesSeen
from codered.remediate.keeping.records import ContainmentFolder
from codered.remediate.keeping.starting import KEEPER, python_command
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import lay_out, make_record, put_up_tables, within, write_journal
from tests.fixtures.networks import Network

PATIENCE = 20.0
WHOLE = TablesSeen(present=True, as_ordered=True)
FLUSHED = TablesSeen(present=False, as_ordered=False)


class FakeTables:
    """Tables that somebody takes away each time they are put back."""

    def __init__(self, seen: TablesSeen) -> None:
        self.seen = seen
        self.held: list[float] = []

    def look(self) -> TablesSeen:
        return self.seen

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)

    def cover_devices(self) -> tuple[str, ...]:
        return self.seen.devices_missing


def make_keeper(folder: ContainmentFolder, tables: FakeTables, clock: Callable[[], float] = time.monotonic) -> Keeper:
    return Keeper(folder, lambda _record: tables, clock=clock)


def told(folder: ContainmentFolder) -> list[str]:
    return [note.what for note in folder.read_book()]


def test_what_is_whole_is_left_alone(tmp_path: Path) -> None:
    folder, tables = lay_out(tmp_path, make_record()), FakeTables(WHOLE)
    assert make_keeper(folder, tables).take_turn().pause
    assert (tables.held, told(folder)) == ([], [])


def test_what_was_flushed_is_put_back_for_good_or_for_the_rest(tmp_path: Path) -> None:
    folder, tables = lay_out(tmp_path, make_record()), FakeTables(FLUSHED)
    make_keeper(folder, tables).take_turn()
    assert tables.held == [0.0]
    folder.write(make_record(opens_in=60))
    make_keeper(folder, tables).take_turn()
    assert 55 < tables.held[1] <= 60
    assert told(folder) == ["put_back", "put_back"]


@pytest.mark.parametrize("events", [("begun", "verified", "undo_begun"), ("begun", "verified", "undone"), ("begun",)])
def test_it_never_works_against_its_user(tmp_path: Path, events: tuple[str, ...]) -> None:
    folder, tables = lay_out(tmp_path, make_record(), *events), FakeTables(FLUSHED)
    assert make_keeper(folder, tables).take_turn().pause is None
    assert tables.held == []


def test_it_waits_while_an_apply_or_a_rollback_is_at_work(tmp_path: Path) -> None:
    folder, tables = lay_out(tmp_path, make_record()), FakeTables(FLUSHED)
    with folder.locked_case():
        assert make_keeper(folder, tables).take_turn().pause
        assert tables.held == []
    make_keeper(folder, tables).take_turn()
    assert tables.held == [0.0]


def test_what_the_kernel_opened_stays_open(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record(opens_in=60))
    tables = FakeTables(TablesSeen(present=True, as_ordered=True, opened=True))
    assert make_keeper(folder, tables).take_turn().pause is None
    assert (tables.held, told(folder)) == ([], ["opened"])


@pytest.mark.parametrize("change", [{"confirmed": datetime.now(UTC)}, {"opens": None}, {}])
def test_what_somebody_else_opened_is_put_back(tmp_path: Path, change: dict[str, Any]) -> None:
    record = replace(make_record(opens_in=60), began=read_since_boot(), **change)
    tables = FakeTables(TablesSeen(present=True, as_ordered=True, opened=True))
    folder = lay_out(tmp_path, record)
    assert make_keeper(folder, tables).take_turn().pause
    assert [left > 50 for left in tables.held] == [record.ends() is not None]
    assert (told(folder), folder.read_book()[0].told) == (["put_back"], "opened by another program")


def test_tables_that_end_otherwise_than_the_record_says_are_put_back(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, replace(make_record(opens_in=60), confirmed=datetime.now(UTC)))
    tables = FakeTables(WHOLE._replace(opens_in=30.0))  # as if whoever confirmed it was killed half-way
    assert make_keeper(folder, tables).take_turn().pause
    assert tables.held == [0.0]
    folder.write(make_record(opens_in=60))
    tables.seen = WHOLE
    make_keeper(folder, tables).take_turn()
    assert tables.held[1] > 50


def test_while_the_kernel_counts_it_has_the_last_word(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    record = replace(make_record(opens_in=60), since=now - timedelta(seconds=120), opens=now - timedelta(seconds=60))
    folder, tables = lay_out(tmp_path, record), FakeTables(WHOLE._replace(opens_in=25.0))
    assert make_keeper(folder, tables).take_turn().pause == 25.0
    assert (tables.held, told(folder)) == ([], [])
    tables.seen = WHOLE  # it does not count: it would stay for ever
    turn = make_keeper(folder, tables).take_turn()
    assert (turn.pause, turn.undo, told(folder)) == (None, True, ["opened"])


@pytest.mark.parametrize("confirmed", [False, True])
def test_the_end_is_the_end_whatever_is_there(tmp_path: Path, confirmed: bool) -> None:
    now = datetime.now(UTC)
    record = replace(make_record(opens_in=60), opens=now - timedelta(seconds=1), confirmed=now if confirmed else None)
    folder, tables = lay_out(tmp_path, record), FakeTables(FLUSHED)
    turn = make_keeper(folder, tables).take_turn()
    assert bool(tables.held) == confirmed
    assert (turn.pause is not None) == confirmed


def test_when_its_time_is_over_it_is_to_be_undone(tmp_path: Path) -> None:
    record = replace(make_record(undo_in=60), undo_at=datetime.now(UTC) - timedelta(seconds=1))
    turn = make_keeper(lay_out(tmp_path, record), FakeTables(WHOLE)).take_turn()
    assert (turn.pause, turn.undo) == (None, True)


@pytest.mark.parametrize("survives", [False, True])
def test_another_start_of_the_host(tmp_path: Path, survives: bool) -> None:
    record = replace(make_record(), boot="another", survives_reboot=survives)
    tables = FakeTables(FLUSHED)
    assert (make_keeper(lay_out(tmp_path, record), tables).take_turn().pause is not None) == survives
    assert bool(tables.held) == survives


def test_a_fight_is_told_once_and_goes_on_with_pauses(tmp_path: Path) -> None:
    folder, tables, now = lay_out(tmp_path, make_record()), FakeTables(FLUSHED), [1000.0]
    keeps = make_keeper(folder, tables, clock=lambda: now[0])
    for _ in range(600):  # somebody flushes without end, for 60 s
        pause = keeps.take_turn().pause
        assert pause
        now[0] += max(pause, 0.1) if pause < 1 else pause
    rate = len(tables.held) / (now[0] - 1000.0)
    assert told(folder).count("fight") == 1
    assert len(tables.held) > MOST_A_MINUTE
    assert rate < 1.1 / FIGHT_PAUSE + MOST_A_MINUTE / 60


@contextmanager
def running_keeper(network: Network, folder: ContainmentFolder) -> Iterator[subprocess.Popen[bytes]]:
    words = network.host.command(*python_command(KEEPER), str(folder.state), folder.name)
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    try:
        wait_until(lambda: folder.find_keeper() > 0 and "kept" in told(folder))
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.005)


def is_whole(network: Network, record: ContainmentRecord) -> bool:
    return within(network.host, OwnTables(record).look).as_ordered


@pytest.mark.parametrize("harm", [("flush", "ruleset"), ("delete", "table", "inet", "codered-abcd")])
def test_a_flush_is_undone_and_noted(network: Network, tmp_path: Path, harm: tuple[str, ...]) -> None:
    record = make_record(kind="isolate_host")
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: put_up_tables(record))
    with running_keeper(network, folder):
        network.host.run("nft", *harm)
        wait_until(lambda: "put_back" in told(folder))
        assert is_whole(network, record)
        network.host.run("nft", "add", "table", "inet", "somebody")  # no concern of ours
        network.host.run("nft", "delete", "table", "inet", "somebody")
        assert told(folder).count("put_back") == 1
    assert folder.find_keeper() == 0
    network.host.run("nft", "flush", "ruleset")


def test_a_confirmed_one_that_somebody_opens_is_closed_again(network: Network, tmp_path: Path) -> None:
    record = replace(make_record(kind="isolate_host", opens_in=60), confirmed=datetime.now(UTC))
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: OwnTables(record).hold(0.0))
    with running_keeper(network, folder):
        for family in ("inet", "netdev"):
            network.host.run("nft", "flush", "set", family, record.name, "armed")
        wait_until(lambda: "put_back" in told(folder))
        wait_until(lambda: not within(network.host, OwnTables(record).look).opened)
        assert "opened" not in told(folder)
    network.host.run("nft", "flush", "ruleset")


def test_the_keeper_is_small_and_the_only_one(network: Network, tmp_path: Path) -> None:
    record = make_record()
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: put_up_tables(record))
    with running_keeper(network, folder) as process:
        status = Path(f"/proc/{folder.find_keeper()}/status").read_text()
        resident = re.search(r"RssAnon:\s+([0-9]+) kB", status)
        assert resident
        assert int(resident[1]) < 20_000
        second = subprocess.run(process.args, env={**os.environ, "PYTHONPATH": str(SOURCE)}, timeout=60, check=False)
        assert second.returncode == 0
        assert process.poll() is None
    network.host.run("nft", "flush", "ruleset")


def test_it_ends_when_the_containment_is_undone(network: Network, tmp_path: Path) -> None:
    record = make_record()
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: put_up_tables(record))
    with running_keeper(network, folder) as process:
        write_journal(folder, "begun", "verified", "undo_begun")
        network.host.run("nft", "flush", "ruleset")
        assert process.wait(timeout=PATIENCE) == 0
    assert not is_whole(network, record)


def test_a_device_that_comes_up_is_covered(network: Network, tmp_path: Path) -> None:
    record = make_record(kind="isolate_host")
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: put_up_tables(record))
    with running_keeper(network, folder):
        network.host.run("ip", "link", "add", "later", "type", "veth", "peer", "name", "beyond")
        network.host.run("ip", "link", "set", "later", "up")
        wait_until(lambda: "device" in told(folder))
        assert within(network.host, OwnTables(record).look).devices_missing == ()
        network.host.run("ip", "link", "delete", "later")
    network.host.run("nft", "flush", "ruleset")


def test_what_can_not_be_undone_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = replace(make_record(undo_in=60), undo_at=datetime.now(UTC) - timedelta(seconds=1))
    folder, tried = lay_out(tmp_path, record), list[list[str]]()
    monkeypatch.setattr(keeper, "keep", lambda *_: keeper.Turn(None, undo=True))
    monkeypatch.setattr(os, "execv", lambda _, words: tried.append(words[-3:]))
    monkeypatch.setenv("CODERED_STATE", "")
    for _ in range(MOST_UNDOING + 2):
        assert keeper.run_keeper(tmp_path, folder.name) == 0
    assert tried == [["off", folder.name, "--yes"]] * MOST_UNDOING
    assert told(folder)[-1] == "failed"
