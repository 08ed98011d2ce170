"""A result from elsewhere is taken only if it is of exactly this job, and nothing in it goes beyond that."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from codered.model.errors import Refused
from codered_hq.hosts.models import Host, ScanPoint, Subnet, Zone
from codered_hq.model.sweep import Block, PortResult, SweepEnd, SweepResult
from codered_hq.sweeps.making import read_job
from codered_hq.sweeps.merging import fail_point_sweep, make_point_job, merge_result
from codered_hq.sweeps.models import Sweep, SweptAddress, SweptBlock
from tests.fixtures.inventories import HOUR, NOW
from tests.fixtures.sweeps import make_result, make_sweep, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def sweep() -> Sweep:
    zone = Zone.objects.create(name="plant", kind="protected")
    sweep = make_sweep("10.1.0.0/23")
    sweep.point, sweep.state = ScanPoint.objects.create(name="point1", zone=zone), "waiting"
    sweep.save()
    return sweep


def result_of(sweep: Sweep, **changed: Any) -> SweepResult:
    result = make_result(read_job(sweep), {"infected": ["10.1.0.9"], "clean": ["10.1.1.1"]}, NOW + HOUR)
    return msgspec.structs.replace(result, **changed)


def test_a_whole_result(sweep: Sweep) -> None:
    job = msgspec.json.decode(make_point_job(sweep))
    assert job["id"] == sweep.uid
    networks = ("10.77.0.0/24", "not/one", "10.78.0.0/99", "1" * 5000)
    merged = merge_result(result_of(sweep, networks=networks), sweep, NOW + HOUR)
    assert (merged.state, merged.counts) == ("done", {"no_answer": 510, "clean": 1, "infected": 1})
    assert (Host.objects.count(), SweptBlock.objects.count()) == (2, 2)
    assert ScanPoint.objects.get().answered_at == NOW + HOUR
    assert list(Subnet.objects.values_list("range", "documented")) == [("10.77.0.0/24", False)]
    merge_result(result_of(sweep, networks=("10.79.0.0/24", "64.0.0.0/2")), sweep, NOW + HOUR)
    assert list(Subnet.objects.values_list("range", flat=True)) == ["10.79.0.0/24"]


def test_half_a_result(sweep: Sweep) -> None:
    whole = result_of(sweep)
    end = SweepEnd(counts={}, requests=-5, seconds=1, stopped="ended by SIGTERM")
    merged = merge_result(msgspec.structs.replace(whole, blocks=whole.blocks[:1], end=end), sweep, NOW + HOUR)
    assert (merged.state, merged.stopped, merged.requests) == ("stopped", "ended by SIGTERM", 0)
    assert merged.counts == {"not_asked": 255, "no_answer": 255, "clean": 1, "infected": 1}
    silent = merge_result(msgspec.structs.replace(whole, blocks=whole.blocks[:1]), sweep, NOW + HOUR)
    assert silent.stopped == "256 addresses are missing in the result"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"job": "0" * 32}, "another sweep"),
        ({"job_sha256": "0" * 64}, "another sweep"),
        ({"started": NOW - timedelta(days=1)}, "says that it was made"),
        ({"ended": NOW + timedelta(days=9)}, "says that it was made"),
        ({"ended": NOW - HOUR}, "times make no sense"),
        ({"ended": (NOW + HOUR).replace(tzinfo=None), "started": NOW.replace(tzinfo=None)}, "times make no sense"),
        ({"addresses": (tell("10.9.0.1", "clean", NOW),)}, "not asked for"),
        ({"addresses": (tell("ten", "clean", NOW),)}, "an address that is none"),
        ({"blocks": (Block(first="10.2.0.0", states=b"\1"),)}, "not asked for"),
        ({"blocks": (Block(first="10.1.1.255", states=b"\1\1"),)}, "not asked for"),
        ({"blocks": (Block(first="10.1.0.0", states=b"\x63"),)}, "states that are none"),
        ({"blocks": (Block(first="10.1.0.0", states=b""),)}, "not asked for"),
        ({"blocks": (Block(first="10.1.0.0", states=b"\1" * 512),)}, "not asked for"),
        ({"blocks": (Block(first="10.1.0.0", states=b"\1\1"), Block(first="10.1.0.1", states=b"\1"))}, "twice"),
    ],
)
def test_what_is_not_of_this_job_is_refused_as_a_whole(sweep: Sweep, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        merge_result(result_of(sweep, **changed), sweep, NOW + HOUR)
    assert (SweptBlock.objects.count(), SweptAddress.objects.count(), Host.objects.count()) == (0, 0, 0)


def test_other_ports_and_odd_times(sweep: Sweep) -> None:
    odd = tell("10.1.0.9", "clean", NOW)
    port = PortResult(port=22, state="clean", reason="")
    result = result_of(sweep, addresses=(msgspec.structs.replace(odd, ports=(port,)),))
    with pytest.raises(Refused, match="ports that were not asked for"):
        merge_result(result, sweep, NOW + HOUR)
    future = msgspec.structs.replace(odd, at=NOW + timedelta(days=300))
    merge_result(result_of(sweep, addresses=(future,)), sweep, NOW + HOUR)
    assert SweptAddress.objects.get().at == NOW + HOUR


def test_a_point_that_does_not_answer(sweep: Sweep) -> None:
    fail_point_sweep(sweep, "unreachable: no route", NOW)
    assert (sweep.state, sweep.stopped, sweep.counts) == (
        "stopped",
        "no answer: unreachable: no route",
        {"not_asked": 512},
    )
