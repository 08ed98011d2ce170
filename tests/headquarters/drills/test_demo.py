"""The demonstration stands where its record stands, in its own folder alone, and goes on living."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator

from codered.model.errors import Refused
from codered_hq.accounts.joining import Joining, join, prove_person
from codered_hq.containment.models import Containment
from codered_hq.drills.advancing import advance
from codered_hq.drills.demo import load_demo
from codered_hq.drills.demo_links import make_demo_links
from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.gate.models import Decision
from codered_hq.gate.voting import vote
from codered_hq.hosts.models import Host, Subnet
from codered_hq.incidents.models import EvidenceRecord, Incident, Lesson, Message, Rumour, Task
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.reading import verify_ledger
from codered_hq.opening import open_headquarters
from codered_hq.sweeps.coverage import measure_coverage
from tests.fixtures.console_desk import SECRET
from tests.fixtures.small_ranges import write_small_range


def list_labels(**wanted: object) -> set[str]:
    return set(Host.objects.filter(**wanted).values_list("label", flat=True))


@pytest.mark.django_db
def test_it_shows_the_records_outbreak_at_its_minute(headquarters: Path, tmp_path: Path) -> None:
    write_small_range(headquarters)
    open_headquarters()
    with pytest.raises(Refused, match="is not the headquarters that is open"):
        load_demo(tmp_path)
    load_demo(headquarters)
    now, record = datetime.now(UTC), read_shipped_record()
    incident = Incident.objects.get(name="outbreak")
    assert incident.drill
    assert timedelta(minutes=29) < now - incident.declared_at < timedelta(minutes=34)
    assert list_labels() == {one.label for one in record.hosts}
    assert Subnet.objects.count() == len(record.subnets)
    for state in ("infected", "suspect", "contained"):
        assert list_labels(state=state) == set(getattr(record.states, state))
    assert list_labels(containments__state="holding") == set(record.states.contained)
    waiting = Decision.objects.get(state="awaiting", expires_at__gt=now)
    assert set(Decision.objects.filter(state="refused").values_list("rule", flat=True)) == {"never-touch"}
    assert {"open", "claimed", "done", "blocked"} <= set(Task.objects.values_list("state", flat=True))
    assert all(kind.objects.exists() for kind in (Message, Rumour, Lesson, EvidenceRecord))
    coverage = measure_coverage(now)
    assert not coverage.complete
    assert any(subnet.complete for subnet in coverage.subnets)
    assert verify_ledger().problem == ""
    _say_the_missing_yes(headquarters, waiting, now)
    before = PlayedHost.objects.exclude(infected_at=None).count()
    advance(headquarters, now + timedelta(minutes=30))
    assert PlayedHost.objects.exclude(infected_at=None).count() > before
    assert Drill.objects.get().injects.exclude(told_at=None).count() == 3
    with pytest.raises(Refused, match="holds something already"):
        load_demo(headquarters)


def _say_the_missing_yes(headquarters: Path, waiting: Decision, now: datetime) -> None:
    """Of the one whom the record names, by the account that his link makes: nobody else's is needed."""
    record = read_shipped_record()
    (path,) = [link.path for link in make_demo_links(headquarters, now) if link.name == record.waits.who]
    account = join(path.split("/")[2], Joining("visitor", "correct horse battery"), now + timedelta(minutes=2))
    Authenticator.objects.create(user=account.user, type=Authenticator.Type.TOTP, data={"secret": SECRET})
    prove_person(account, now + timedelta(minutes=3))
    speaker = Speaker(account.person, record.waits.who, None, "console: visitor")
    assert [one["host"] for one in waiting.request["subjects"]] == [Host.objects.get(label=record.waits.host).pk]
    vote(waiting, speaker, True, "orders come by phone", now + timedelta(minutes=4))
    assert waiting.state == "allowed"
    assert not Containment.objects.filter(host__label=record.waits.host).exists(), "carried out by the worker"
