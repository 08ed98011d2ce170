"""`codered fleet status`."""

import json

import pytest

from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_all_runs_or_each_host_of_one(say: Say, played: PlayedFleet) -> None:
    assert "no runs yet" in say("fleet", "status").out
    played.hosts["a"] = PlayedHost("a")
    make_host("a", "10.1.0.1")
    make_host("off", "10.1.0.2")
    uid = json.loads(say("fleet", "scan", "--all", "--json").out)["uid"]
    listed = say("fleet", "status")
    assert (listed.code, uid[:8] in listed.out, "1 answered, 1 queued; not whole" in listed.out) == (0, True, True)
    assert json.loads(say("fleet", "status", "--json").out)["runs"][0]["uid"] == uid
    one = say("fleet", "status", uid[:8])
    assert (one.code, "no route to host" in one.out) == (3, True)
    missing = json.loads(say("fleet", "status", uid, "--missing", "--json").out)
    assert [host["name"] for host in missing["hosts"]] == ["off"]
    assert say("fleet", "status", "abcdef").code == 2
