"""Runs: everybody has a row, whatever an engine says, and an interruption costs nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.model.job import Job
from codered_hq.config import Config
from codered_hq.engines import ENGINES
from codered_hq.fleet import running
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import begin_run, carry_on, open_engines
from codered_hq.hosts.models import Host
from codered_hq.model.engine import Return
from tests.fixtures.inventories import document_subnets, make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_clean, show

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return datetime.now(UTC)


def quiet(_task: HostRun) -> None:
    return


def test_everybody_has_a_row_whatever_the_engine_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    document_subnets("10.9.0.0/24", zone="plant", zone_kind="protected")
    mute = PlayedHost("mute", lambda _host, _job, _sha256: Return(host="mute", outcome="silent"))
    fleet = PlayedFleet(PlayedHost("a"), PlayedHost("b"), mute)
    hosts = [make_host(name, f"10.1.0.{number}") for number, name in enumerate(("a", "b", "mute", "off"), 1)]
    hosts += [make_host("inner", "10.9.0.5"), Host.objects.create(label="nowhere", first_seen=now(), last_seen=now())]
    told: list[str] = []
    run = begin_run("scan", hosts, Wish(), now())
    carry_on(run, fleet.means(tmp_path), lambda task: told.append(task.host.label))
    assert show(list(run.hosts.all())) == {
        "a": ("answered", "clean", ""), "b": ("answered", "clean", ""),
        "mute": ("queued", "", "the engine said nothing about it"), "off": ("queued", "", "no route to host"),
        "inner": ("queued", "", "it is in the protected zone plant, and no name of it at Salt is known"),
        "nowhere": ("queued", "", "no address known"),
    }  # fmt: skip
    assert (sorted(told), run.state, run.ended) == (sorted(host.label for host in hosts), "waiting", None)
    assert [len(call) for call in fleet.calls] == [3, 1]

    first = mute.jobs[0]
    carry_on(run, fleet.means(tmp_path), quiet)  # nothing is due yet
    assert len(fleet.calls) == 2
    run.hosts.filter(state="queued").update(next_try=now() - timedelta(seconds=1))
    mute.does = answer_clean
    carry_on(run, fleet.means(tmp_path), quiet)
    assert [job.id for job in mute.jobs] == [first.id, first.id]  # the same job: what is done once is done once
    row = run.hosts.get(host__label="mute")
    assert (row.state, row.attempts, row.outcome) == ("answered", 2, "answered")

    fleet.hosts["off"] = PlayedHost("off")
    run.expires = now() - timedelta(seconds=1)
    run.save()
    carry_on(run, fleet.means(tmp_path), quiet)
    row = run.hosts.get(host__label="off")
    assert (row.state, row.reason) == ("given_up", "not reached until the run ended; last: no route to host")
    assert (run.state, run.ended is not None) == ("done", True)


def test_a_run_goes_on_after_it_was_broken_off(tmp_path: Path) -> None:
    def stop(_host: PlayedHost, _job: Job, _sha256: str) -> Return:
        raise KeyboardInterrupt

    ends = PlayedHost("b", stop)
    fleet = PlayedFleet(PlayedHost("a"), ends)
    run = begin_run("scan", [make_host("a", "10.1.0.1"), make_host("b", "10.1.0.2")], Wish(), now())
    with pytest.raises(KeyboardInterrupt):
        carry_on(run, fleet.means(tmp_path), quiet)
    assert [row.state for row in run.hosts.order_by("pk")] == ["answered", "running"]
    ends.does = answer_clean
    carry_on(run, fleet.means(tmp_path), quiet)
    assert [row.state for row in run.hosts.order_by("pk")] == ["answered", "answered"]
    assert len({job.id for job in ends.jobs}) == 1
    assert len(fleet.hosts["a"].jobs) == 1
    assert (run.state, run.hosts.filter(attempts=1).count()) == ("done", 2)


def test_nobody_works_at_a_run_twice_at_once(tmp_path: Path) -> None:
    seen: list[str] = []

    def again(host: PlayedHost, job: Job, sha256: str) -> Return:
        with pytest.raises(Refused, match="under way in another process"):
            carry_on(run, means, quiet)
        seen.append(job.id)
        return answer_clean(host, job, sha256)

    means = PlayedFleet(PlayedHost("a", again)).means(tmp_path)
    run = begin_run("scan", [make_host("a", "10.1.0.1")], Wish(), now())
    carry_on(run, means, quiet)
    assert (len(seen), run.state) == (1, "done")


def test_engines_are_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[PlayedFleet] = []

    def make(_config: Config) -> PlayedFleet:
        opened.append(PlayedFleet())
        return opened[-1]

    monkeypatch.setitem(ENGINES, "ansible", make)
    find = open_engines(Config())
    assert find("ansible") is find("ansible")
    assert len(opened) == 1
