"""A sweep keeps what it has, whatever ends it, and going on with it leaves nothing out."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.marking import mark_hosts
from codered_hq.model.sweep import SweepEnd, SweepJob
from codered_hq.sweeps import running
from codered_hq.sweeps.authorising import Permit
from codered_hq.sweeps.intervals import address_of
from codered_hq.sweeps.making import Wish, keep_sweep, plan_sweep, read_job
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.running import Seen, list_left, run_sweep
from codered_hq.sweeps.targets import find_targets
from tests.fixtures.command import Desk
from tests.fixtures.inventories import make_host
from tests.fixtures.sweeps import make_permit, now
from tests.fixtures.web_answers import DEFACED, pages, serving

SICK = "127.8.1.77"
SMALL_SLICES = """
from codered.cli import main
import codered_hq.cli.entering as entering
real = entering.enter_headquarters
def enter():
    opened = real()
    from codered_hq.sweeps import running
    running.SLICE_SECONDS, running.FLUSH_SECONDS = 0, 0.05
    return opened
entering.enter_headquarters = enter
main()
"""


def keep(port: int, *ranges: str, rate: float = 0) -> tuple[Sweep, Permit]:
    permit = make_permit(ports=f"[{port}]")
    wish = Wish(find_targets(ranges), packs=("codered",), ports=(port,), rate=rate or 100_000)
    return keep_sweep(plan_sweep(wish, permit, ""), permit, now()), permit


@pytest.mark.django_db
def test_it_is_interrupted_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_SECONDS", 0)
    monkeypatch.setattr(running, "FLUSH_SECONDS", 0.02)
    told: list[Seen] = []

    sent: list[int] = []

    def interrupt(seen: Seen) -> None:
        told.append(seen)
        if 1024 <= seen.settled < seen.total and not sent:
            sent.append(signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with serving({SICK: pages({"/": DEFACED})}) as servers:
        sweep, permit = keep(servers.port, "127.8.0.0/21", "127.9.0.0/30")
        run_sweep(sweep, permit, tmp_path, interrupt)
        assert (sweep.state, sweep.stopped) == ("stopped", "interrupted")
        done = sum(len(bytes(block.states)) for block in sweep.blocks.all())
        assert 0 < done < 2052
        run_sweep(sweep, permit, tmp_path, told.append)
    assert (sweep.state, sweep.stopped, told[-1].before) == ("done", "", done)
    assert told[-1].settled == told[-1].total == sum(sweep.counts.values()) == 2052
    assert sweep.counts == {"not_web": 2051, "infected": 1}
    assert [each.address for seen in told for each in seen.found] == [SICK]
    assert len(servers.lines(SICK)) <= 6
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


@pytest.mark.django_db
def test_the_end_of_the_authorised_time_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "explain_time", lambda _permit, _at: "outside of the authorised hours")
    sweep, permit = keep(9, "127.8.0.0/24", rate=5)
    run_sweep(sweep, permit, tmp_path, lambda _: None)
    assert (sweep.state, sweep.stopped) == ("stopped", "outside of the authorised hours")
    assert sweep.counts["not_asked"] > 0


@pytest.mark.django_db
def test_a_database_that_stays_away_ends_it_and_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise WrongUse("the database can't be used")

    sweep, permit = keep(9, "127.8.0.0/24")
    with monkeypatch.context() as patched:
        patched.setattr(running, "record_results", fail)
        with pytest.raises(WrongUse, match="database"):
            run_sweep(sweep, permit, tmp_path, lambda _: None)
    with monkeypatch.context() as patched:
        patched.setattr(running, "MOST_WAITING", -1)
        run_sweep(sweep, permit, tmp_path, lambda _: None)
        assert sweep.stopped == "the database does not take the results"
    run_sweep(sweep, permit, tmp_path, lambda _: None)
    assert (sweep.state, sweep.counts) == ("done", {"not_web": 256})


@pytest.mark.django_db
def test_only_one_at_a_time(tmp_path: Path) -> None:
    sweep, permit = keep(9, "127.8.0.0/30")

    def again(_seen: Seen) -> None:
        with pytest.raises(Refused, match="under way"):
            run_sweep(sweep, permit, tmp_path, lambda _: None)

    run_sweep(sweep, permit, tmp_path, again)
    assert sweep.state == "done"


def test_blocks_are_cut_as_the_prober_cuts_them() -> None:
    job = SweepJob(format="codered/sweep-job/1", id="x", ranges=("10.0.0.0/23", "10.0.2.8/30", "fd00::/119"), seed=1)
    left = list_left(job, set())
    assert [(address_of(each.first), each.size()) for each in left] == [
        ("10.0.0.0", 256), ("10.0.1.0", 256), ("10.0.2.8", 4), ("fd00::", 256), ("fd00::100", 256),
    ]  # fmt: skip
    assert len(list_left(job, {left[0].first})) == 4


def test_a_locked_database_and_a_kill_lose_nothing(tmp_path: Path) -> None:
    desk, hq = Desk(tmp_path, tmp_path / "cache"), tmp_path / "hq"
    path = tmp_path / "permit.yaml"
    path.write_text("format: codered/authorisation/1\nallowed_by: Ann\nuntil: 2126-01-01\nranges: [127.8.0.0/16]\n"
                    "ports: [9]\n")  # fmt: skip
    assert desk.run("hosts", "show", CODERED_HQ=str(hq)).code == 0
    words = [
        "sweep",
        "127.8.0.0/20",
        "--authorisation",
        str(path),
        "--ports",
        "9",
        "--packs",
        "codered",
        "--rate",
        "2500",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", SMALL_SLICES, *words], env=desk.environment | {"CODERED_HQ": str(hq)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with closing(sqlite3.connect(hq / "headquarters.sqlite3", timeout=30, isolation_level=None)) as database:

        def done() -> int:
            return int(database.execute("SELECT count(*) FROM sweeps_sweptblock").fetchone()[0])

        wait_for(lambda: done() > 0)
        database.execute("BEGIN IMMEDIATE")
        time.sleep(1)
        database.execute("COMMIT")
        before = done()
        wait_for(lambda: done() > before)
        process.kill()
        process.communicate()
        kept = done()
        assert 0 < kept < 16
        uid = database.execute("SELECT uid FROM sweeps_sweep").fetchone()[0]
        resumed = desk.run("sweep", "--resume", uid[:8], CODERED_HQ=str(hq))
        assert (resumed.code, "4,096 not web" in resumed.out) == (0, True), resumed
        assert done() == 16
        rows = database.execute("SELECT count(*), count(DISTINCT number) FROM sweeps_sweptaddress").fetchone()
        assert rows == (4096, 4096)


@pytest.mark.django_db
def test_what_is_fragile_by_now_is_asked_with_care(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep, _ = keep(9, "10.0.0.0/29")
    mark_hosts([make_host("press", "10.0.0.5")], ["fragile"], [])
    asked: list[SweepJob] = []

    class Recorder:
        def __init__(self, job: SweepJob, *_hooks: object) -> None:
            asked.append(job)

        def run(self, _stop: object) -> SweepEnd:
            return SweepEnd(counts={}, requests=0, seconds=0.0)

    monkeypatch.setattr(running, "Sweeper", Recorder)
    later = make_permit("fragile: [10.0.0.2, 10.9.9.9]\n", ports="[9]")
    run_sweep(sweep, later, tmp_path, lambda _seen: None)
    assert [job.fragile for job in asked] == [("10.0.0.2", "10.0.0.5")]
    assert read_job(sweep).fragile == ()


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
