"""The five numbers: counted in few queries; nothing unknown is counted as clean."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codered_hq.fleet.models import FleetRun, HostCase, HostRun, StoredReport
from codered_hq.fleet.vouching import BY_A_PERSON
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.reporting.numbers import count_missing, count_numbers, count_waiting
from codered_hq.sweeps.coverage import CoveredSubnet, measure_coverage
from tests.fixtures.large_incidents import make_large_incident
from tests.fixtures.status_reports import NOW

pytestmark = pytest.mark.django_db


def test_numbers_are_those_of_the_database_and_the_newest_run_counts() -> None:
    incident = make_large_incident(300, NOW)
    coverage = measure_coverage(NOW)
    with CaptureQueriesContext(connection) as queries:
        numbers = count_numbers(incident, NOW, coverage)
    assert len(queries) <= 4
    # 12 hosts have a state: two of each of six; verified and watched are both verified
    assert (numbers.hosts, numbers.infected, numbers.contained, numbers.verified) == (300, 2, 2, 4)
    assert (numbers.suspect, numbers.cleaned, numbers.not_reached, numbers.awaiting) == (2, 2, 30, 60)
    assert (numbers.addresses, numbers.not_covered) == (512, 512)
    first, second, third = Host.objects.order_by("pk")[:3]
    run = FleetRun.objects.create(uid="b" * 32, word="scan", started=NOW, expires=NOW)
    HostRun.objects.create(run=run, host=first, state="running")
    HostRun.objects.create(run=run, host=second, state="answered", ended=NOW, verdict="incomplete")
    HostRun.objects.create(
        run=run, host=third, state="answered", ended=NOW, verdict="clean", joined="#9, which was not reached"
    )  # fmt: skip
    Host.objects.create(label="new", first_seen=NOW, last_seen=NOW)
    disk = {"word": "scan", "verdict": "clean", "key": BY_A_PERSON, "taken_at": NOW, "received_at": NOW}
    StoredReport.objects.create(uid="d", host=Host.objects.create(label="disk", first_seen=NOW, last_seen=NOW),
                                document=b"", **disk)  # fmt: skip
    StoredReport.objects.create(uid="e", host=second, document=b"", **disk)  # it answered too: counted once
    after = count_numbers(incident, NOW)
    assert (after.hosts, after.not_reached, after.partly) == (302, 32, 2)
    assert (after.contained_infected, after.contained_suspect) == (2, 0)
    held = Host.objects.filter(state="contained")
    HostCase.objects.filter(host=held[0]).delete()
    Host.objects.filter(pk=held[1].pk).update(suspected_at=["10.1.0.1"])
    HostCase.objects.filter(host=held[1]).update(closed_at=NOW)
    told = count_numbers(incident, NOW)
    assert (told.contained, told.contained_infected, told.contained_suspect) == (2, 0, 1)


def test_what_was_known_before_the_declaration_says_nothing_about_it() -> None:
    incident = make_large_incident(100, NOW)
    Incident.objects.filter(pk=incident.pk).update(declared_at=NOW + timedelta(minutes=1))
    incident.refresh_from_db()
    numbers = count_numbers(incident, NOW + timedelta(minutes=2))
    assert (numbers.hosts, numbers.not_reached, numbers.verified) == (100, 100, 0)


def test_what_expired_or_is_of_another_incident_does_not_wait() -> None:
    incident = make_large_incident(30, NOW)
    other = Incident.objects.create(name="other", title="O", declared_at=NOW, declared_by="x")
    Decision.objects.filter(uid__endswith="1", state="awaiting").update(incident="")
    loose = Decision.objects.filter(incident="").count()
    assert (count_waiting(incident, NOW), count_waiting(other, NOW)) == (60, loose)
    assert count_waiting(incident, NOW + timedelta(minutes=20)) == 0


def test_with_nothing_known_nothing_is_clean() -> None:
    incident = Incident.objects.create(name="w", title="W", declared_at=NOW, declared_by="x")
    numbers = count_numbers(incident, NOW)
    assert (numbers.hosts, numbers.verified, numbers.not_covered) == (0, 0, 0)
    huge = CoveredSubnet(
        range="fd00::/8", total=0, counts={}, reasons={"never_swept": "too large"}, complete=False, documented=True
    )
    assert count_missing(huge) == 1
