"""`codered fleet run-queue`."""

from datetime import timedelta

import pytest

from codered_hq.fleet.models import HostRun
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_report, make_report, now
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_hosts_that_were_off_are_asked_when_they_are_there(
    say: Say, played: PlayedFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say("fleet", "run-queue").code == 0
    make_host("off", "10.1.0.1")
    assert say("fleet", "scan", "off").code == 3
    waiting = say("fleet", "run-queue")
    assert (waiting.code, "1 host queued; next try at" in waiting.err) == (3, True)
    played.hosts["off"] = PlayedHost("off", answer_report(make_report("/x")))
    HostRun.objects.update(next_try=now() - timedelta(seconds=1))
    done = say("fleet", "run-queue")
    assert (done.code, "INFECTED: off" in done.err, "0 hosts queued" in done.err) == (1, True, True)

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("codered_hq.cli.fleet_queue.time.sleep", stop)
    assert say("fleet", "run-queue", "--watch").code == 130
