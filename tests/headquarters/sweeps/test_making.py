"""A sweep is what was wanted within what is authorised; the rest is left out with the reason."""

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.marking import mark_hosts
from codered_hq.sweeps.intervals import read_intervals
from codered_hq.sweeps.making import (
    EXCLUDED,
    NOT_AUTHORISED,
    Wish,
    check_again,
    estimate,
    find_probes,
    keep_sweep,
    plan_sweep,
    read_job,
    take_permit,
)
from codered_hq.sweeps.targets import find_targets
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.sweeps import make_permit, make_sweep

pytestmark = pytest.mark.django_db


def test_the_job_lies_within_the_authorisation() -> None:
    permit = make_permit(
        "contact: noc@example.test\nfragile: [10.0.0.8/30]\nfragile_tags: [plc]\n", never="[10.0.0.0/30]"
    )
    mark_hosts([make_host("press", "10.0.0.77")], ["plc"], [])
    mark_hosts([make_host("printer", "10.0.0.78")], ["fragile"], [])
    mark_hosts([make_host("far", "10.7.0.1")], ["plc"], [])
    targets = find_targets(("10.0.0.0/24", "192.0.2.0/30"))
    wish = Wish(
        targets, packs=("codered",), ports=(80,), tls_ports=(443,), hosts=("", "www"), rate=9.0, fragile=("10.0.0.99",)
    )
    planned = plan_sweep(wish, permit, "someone else")
    job = planned.job
    assert read_intervals(job.ranges) == find_targets(("10.0.0.4-10.0.0.255",)).addresses
    assert planned.left_out == (("192.0.2.0/30", NOT_AUTHORISED), ("10.0.0.0/30", EXCLUDED))
    assert job.fragile == ("10.0.0.8/30", "10.0.0.77", "10.0.0.78", "10.0.0.99")
    assert (job.contact, job.limits.per_second, job.skip) == ("noc@example.test", 9.0, ("10.0.0.0/30",))
    assert {each.pack for each in job.probes} == {"codered"}
    sweep = keep_sweep(planned, permit, NOW)
    assert read_job(sweep) == job
    assert (sweep.state, bytes(sweep.permit), sweep.authorisation_sha256) == ("running", permit.raw, permit.sha256)
    cost = estimate(planned)
    assert (cost.addresses, cost.least_seconds <= cost.most_seconds) == (252, True)
    assert cost.least_seconds >= 252 * 2 / 9.0 - 1


def test_what_is_refused() -> None:
    inside, outside = find_targets(("10.0.0.0/24",)), find_targets(("192.0.2.0/24",))
    with pytest.raises(Refused, match="nothing of what is to be swept is authorised"):
        plan_sweep(Wish(outside), make_permit(), "")
    with pytest.raises(Refused, match="port 8080"):
        plan_sweep(Wish(inside, ports=(8080,)), make_permit(), "")
    with pytest.raises(Refused, match="pack nimda"):
        plan_sweep(Wish(inside, packs=("nimda",)), make_permit(packs="[codered]"), "")
    with pytest.raises(WrongUse, match="no host name"):
        plan_sweep(Wish(inside, hosts=("a b",)), make_permit(), "")
    with pytest.raises(WrongUse, match="more than 16,777,216"):
        plan_sweep(Wish(find_targets(("10.0.0.0/8", "127.0.0.0/30"))), make_permit(), "")


def test_probes() -> None:
    assert {each.pack for each in find_probes((), make_permit(packs="[codered, codered2]"))} == {"codered", "codered2"}
    assert {each.pack for each in find_probes((), make_permit())} >= {"codered", "codered2", "nimda"}
    with pytest.raises(WrongUse, match="has no probe"):
        find_probes(("kinsing",), make_permit())


def test_going_on_needs_the_same_leave() -> None:
    sweep = make_sweep("10.0.0.0/24")
    check_again(sweep, make_permit())
    for permit, said in (
        (make_permit(ranges="[10.0.0.0/25]"), "not authorised"),
        (make_permit(never="[10.0.0.7]"), "not authorised"),
        (make_permit(ports="[443]"), "port 80"),
        (make_permit(packs="[nimda]"), "pack codered"),
        (make_permit("limits: {per_second: 1}\n"), "quicker"),
    ):
        with pytest.raises(Refused, match=said):
            check_again(sweep, permit)


def test_whose_authorisation_it_goes_on_under() -> None:
    sweep, first, other = make_sweep("10.0.0.0/24"), make_permit(), make_permit(allowed_by="Bob")
    take_permit(sweep, first, NOW)
    assert sweep.notes == []
    take_permit(sweep, other, NOW)
    sweep.refresh_from_db()
    assert (sweep.authorisation.startswith("Bob, until"), bytes(sweep.permit)) == (True, other.raw)
    assert sweep.authorisation_sha256 == other.sha256
    assert "until then: Ann" in sweep.notes[0]
    assert first.sha256 in sweep.notes[0]
