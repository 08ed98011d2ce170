"""`codered sweep --from POINT`, by a fleet that is played; the journey of the enterprise has a real one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.job import Job
from codered_hq.fleet.models import FleetRun
from codered_hq.hosts.models import ScanPoint, Subnet, Zone
from codered_hq.model.engine import Return
from codered_hq.model.sweep import SweepJob
from codered_hq.sweeps.models import Sweep
from tests.fixtures.inventories import document_subnets
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answered
from tests.fixtures.saying import Say
from tests.fixtures.sweeps import make_result

pytestmark = pytest.mark.django_db
POINT = "10.9.0.2"


@pytest.fixture
def words(tmp_path: Path) -> tuple[object, ...]:
    """What makes the sweep of the zone, from its point, as it is allowed."""
    document_subnets("10.9.0.0/24", zone="plant")
    zone = Zone.objects.get(name="plant")
    Zone.objects.filter(pk=zone.pk).update(kind="protected", blocked="a firewall")
    ScanPoint.objects.create(name="point1", zone=zone, engine="ansible", address=POINT)
    permit = tmp_path / "permit.yaml"
    permit.write_text(
        "format: codered/authorisation/1\nallowed_by: Ann\nuntil: 2126-01-01\nranges: [10.9.0.0/24]\nports: [80]\n"
    )
    return ("sweep", "--zone", "plant", "--from", "point1", "--authorisation", permit)


def sweep_there(host: PlayedHost, job: Job, sha256: str) -> Return:
    """A point that makes the sweep it is sent."""
    asked = msgspec.json.decode(job.sweep, type=SweepJob)
    found = make_result(asked, {"infected": ["10.9.0.9"]}, datetime.now(UTC))
    return answered(host.answer(job, sha256, document=msgspec.json.encode(found), exit_code=1), 1)


def play(played: PlayedFleet, does: Callable[[PlayedHost, Job, str], Return]) -> PlayedHost:
    host = played.hosts[POINT] = PlayedHost(POINT, does)
    return host


def test_a_point_stops_with_its_authorisation(say: Say, played: PlayedFleet, words: tuple[object, ...]) -> None:
    point = play(played, sweep_there)
    permit = Path(str(words[-1]))
    until = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
    permit.write_text(permit.read_text().replace("2126-01-01", f"{until:%Y-%m-%dT%H:%M}"))
    assert say(*words).code == 1
    assert point.jobs[0].expires == until
    soon = datetime.now(UTC) + timedelta(seconds=2)
    permit.write_text(permit.read_text().replace(f"{until:%Y-%m-%dT%H:%M}", f"{soon:%Y-%m-%dT%H:%M:%S}"))
    refused = say(*words)
    assert (refused.code, "it may take" in refused.err, len(point.jobs)) == (4, True, 1), refused.err


def test_the_zone_is_covered_from_inside(say: Say, played: PlayedFleet, words: tuple[object, ...]) -> None:
    point = play(played, sweep_there)
    planned = say(*words, "--dry-run")
    assert (planned.code, "from point1; nothing was sent" in planned.err) == (0, True)
    assert (point.jobs, Sweep.objects.count(), FleetRun.objects.count()) == ([], 0, 0)
    assert "silence there is not taken" not in planned.err
    Subnet.objects.update(range="10.9.0.0/25")  # the other half is in no zone
    half = say("sweep", "10.9.0.0/24", *words[3:], "--dry-run")
    assert "128 addresses are not in zone plant: silence there is not taken as heard from inside" in half.err
    Subnet.objects.update(range="10.9.0.0/24")
    before = json.loads(say("sweep", "--coverage", "--json").out)
    assert before["counts"] == {"scan_point_missing": 256}
    made = say(*words, "--json")
    assert (made.code, "from point1, allowed by Ann" in made.err) == (1, True)
    document = json.loads(made.out)
    assert (document["sweep"]["by"], document["sweep"]["state"]) == ("scan point point1", "done")
    assert [(each["address"], each["state"]) for each in document["found"]] == [("10.9.0.9", "infected")]
    covered = json.loads(say("sweep", "--coverage", "--json").out)
    assert (covered["complete"], covered["counts"]) == (True, {"answered": 1, "silent": 255})


def test_a_point_that_gives_no_result_covers_nothing(say: Say, played: PlayedFleet, words: tuple[object, ...]) -> None:
    play(played, lambda *_all: Return(host="", outcome="timed_out", reason="no end after 600 s"))
    made = say(*words)
    assert (made.code, "the scan point gave no result: no end after 600 s" in made.err) == (3, True)
    assert "0 of 256 addresses were looked at" in made.out
    assert "256 scan point missing (scan point point1 has not answered since" in made.out
    other = say("sweep", "--zone", "plant", "--from", "nowhere", *words[5:])
    assert (other.code, "known are: point1" in other.err) == (2, True)
    assert say(*words[:5]).code == 4  # nobody allowed it
    assert Sweep.objects.count() == 1
