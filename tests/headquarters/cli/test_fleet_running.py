"""`codered fleet scan`, and how every run is told."""

import json

import pytest

from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.hosts.models import Host
from codered_hq.model.engine import Return
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_report, answered, make_report
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_a_scan_says_who_is_missing_and_why(say: Say, played: PlayedFleet) -> None:
    ill = PlayedHost("ill", answer_report(make_report("/x")))
    played.hosts = {"ill": ill, "well": PlayedHost("well")}
    for number, name in enumerate(("ill", "well", "off"), 1):
        make_host(name, f"10.1.0.{number}", owner="shop")
    found = say("fleet", "scan", "--owner", "shop", "--packs", "webshell,nimda", "--incident", "i-7")
    assert found.code == 1
    assert "INFECTED: ill" in found.err
    assert "2 answered, 1 queued, something found on 1; not whole" in found.err
    assert "no route to host" in found.out
    job = ill.jobs[0]
    assert job.scan
    assert (job.scan.packs, job.scan.fast, job.incident) == (("webshell", "nimda"), False, "i-7")
    assert say("fleet", "scan", "well", "off").code == 3
    whole = say("fleet", "scan", "well", "--json")
    assert (whole.code, json.loads(whole.out)["whole"], json.loads(whole.out)["format"]) == (
        0,
        True,
        "codered/fleet-run/1",
    )
    for words, why in (
        ((), "no host is named"), (("nobody",), "no host is known by this"), (("--all", "well"), "--all is everything"),
        (("well", "--path", "x"), "is no full path"), (("well", "--timeout", "1s"), "is too short"),
        (("--tag", "none"), "no such tag"), (("well", "--packs", "nope"), "no such pack"),
        (("@/nowhere/x",), "can't be read"),
    ):  # fmt: skip
        wrong = say("fleet", "scan", *words)
        assert (wrong.code, why in wrong.err) == (2, True), wrong.err
    assert FleetRun.objects.count() == 3


def test_a_change_that_failed_outranks_all_else(say: Say, played: PlayedFleet) -> None:
    run = FleetRun.objects.create(
        uid="a" * 32, word="apply", started=make_host("a", "10.1.0.1").first_seen, expires="2999-01-01T00:00Z"
    )
    codes = {}
    for code in (0, 6, 7):
        host = Host.objects.create(label=f"h{code}", first_seen=run.started, last_seen=run.started)
        HostRun.objects.create(run=run, host=host, state="failed" if code else "answered", exit_code=code)
        codes[code] = say("fleet", "status", "aaaaaa").code
    assert codes == {0: 0, 6: 6, 7: 7}
    assert answered(b"") == Return(host="", outcome="answered", exit_code=0)
