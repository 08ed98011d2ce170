"""`codered fleet schedule`."""

import json

import pytest

from codered_hq.fleet.models import Schedule
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_added_worked_off_listed_and_removed(say: Say, played: PlayedFleet) -> None:
    host = played.hosts["a"] = PlayedHost("a")
    make_host("a", "10.1.0.1", owner="shop")
    assert say("fleet", "schedule", "list").out == "no schedules yet\n"
    added = say("fleet", "schedule", "add", "--word", "scan", "--every", "24h", "--until", "72h", "--owner", "shop")
    assert added.code == 0, added.err
    assert say("fleet", "run-queue").code == 0
    assert host.jobs[0].scan
    assert not host.jobs[0].scan.fast
    listed = say("fleet", "schedule", "list")
    assert ("owner shop" in listed.out, "24 h" in listed.out, "1 schedule" in listed.out) == (True, True, True)
    number = json.loads(say("fleet", "schedule", "list", "--json").out)[0]["number"]
    for words in (
        ("--every", "1s", "--all"), ("--every", "24h"), ("--every", "24h", "nobody"), ("--every", "x", "--all"),
        ("--every", "24h", "--until", "2001-01-01", "--all"), ("--every", "24h", "--until", "soon", "--all"),
    ):  # fmt: skip
        assert say("fleet", "schedule", "add", "--word", "scan", *words).code == 2, words
    assert say("fleet", "schedule", "add", "--word", "apply", "--every", "24h", "--all").code == 2
    assert say("fleet", "schedule", "remove", f"{number}").code == 0
    assert say("fleet", "schedule", "remove", f"{number}").code == 2
    assert not Schedule.objects.exists()
