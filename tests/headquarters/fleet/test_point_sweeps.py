"""Sweeps from inside a zone, also by a point that dies half-way or lies."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.point_sweeps import find_point, sweep_from_point
from codered_hq.hosts.models import Host, ScanPoint, Zone
from codered_hq.model.engine import Return
from codered_hq.sweeps.making import read_job
from codered_hq.sweeps.models import Sweep
from tests.fixtures.played_fleets import Does, PlayedFleet, PlayedHost, answered
from tests.fixtures.sweeps import make_result, make_sweep

pytestmark = pytest.mark.django_db


def keep(name: str, address: str) -> Sweep:
    zone, _ = Zone.objects.get_or_create(name="plant", kind="protected")
    sweep = make_sweep("10.9.0.0/24")
    sweep.started = datetime.now(UTC)
    sweep.point = ScanPoint.objects.create(name=name, zone=zone, engine="ansible", address=address)
    sweep.state = "waiting"
    sweep.save()
    return sweep


def give(sweep: Sweep, **changed: object) -> Does:
    made = make_result(read_job(sweep), {"infected": ["10.9.0.9"]}, datetime.now(UTC))
    result = msgspec.structs.replace(made, **changed)
    return lambda host, job, sha256: answered(host.answer(job, sha256, document=msgspec.json.encode(result)))


def test_a_point_makes_it_dies_half_way_or_is_not_there(tmp_path: Path) -> None:
    sweep = keep("point1", "10.9.0.2")
    played = PlayedHost("10.9.0.2", give(sweep))
    means = PlayedFleet(played).means(tmp_path)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    row = sweep_from_point(sweep, means, datetime.now(UTC), 60, until)
    sweep.refresh_from_db()
    assert (row.state, sweep.state, sweep.counts["infected"], sweep.stopped) == ("answered", "done", 1, "")
    assert (played.jobs[0].word, played.jobs[0].sweep, played.jobs[0].report) == ("sweep", bytes(sweep.job), b"")
    assert played.jobs[0].expires == until  # there it ends, whatever is left
    assert find_point("point1").answered_at is not None
    assert Host.objects.get(label="10.9.0.2").engine == "ansible"

    cases: dict[str, tuple[Does, str]] = {
        "half": (lambda *_all: Return(host="", outcome="unreachable", reason="cut off"), "no answer: cut off"),
        "other": (give(sweep), "is the result of another sweep"),
        "none": (lambda host, *job: answered(host.answer(*job, document=b"[]")), "its result can't be read"),
        "old": (
            lambda host, job, sha256: answered(host.answer(job, sha256, state="unsupported", why="carries no prober")),
            "no answer: carries no prober",
        ),
    }  # fmt: skip
    for number, (name, (does, why)) in enumerate(cases.items(), 20):
        sweep = keep(name, f"10.9.0.{number}")
        means = PlayedFleet(PlayedHost(f"10.9.0.{number}", does)).means(tmp_path)
        sweep_from_point(sweep, means, datetime.now(UTC), 60, until)
        sweep.refresh_from_db()
        assert (sweep.state, why in sweep.stopped, sweep.counts) == ("stopped", True, {"not_asked": 256}), sweep.stopped
        assert find_point(name).answered_at is None
    assert not HostRun.objects.filter(state__in=("queued", "running")).exists()


def test_a_point_without_a_way_and_one_that_nobody_knows(tmp_path: Path) -> None:
    sweep = keep("lost", "")
    with pytest.raises(WrongUse, match="there is no way to it"):
        sweep_from_point(
            sweep, PlayedFleet().means(tmp_path), datetime.now(UTC), 60, datetime.now(UTC) + timedelta(hours=1)
        )
    sweep.refresh_from_db()
    assert "there is no way to it" in sweep.stopped
    with pytest.raises(WrongUse, match="known are: lost"):
        find_point("found")
