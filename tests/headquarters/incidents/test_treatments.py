"""Clean, rebuild, or live with it."""

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.evidence_records import Saved, record_evidence
from codered_hq.incidents.treatments import Grounds, find_decision, treat
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, join
from tests.fixtures.inventories import make_host

pytestmark = pytest.mark.django_db


def test_legal_hold_forbids_rebuilding_until_evidence_is_saved_and_only_legal_lifts_it() -> None:
    incident, other, host = declare("one"), declare("two"), make_host("srv1", "10.1.0.1")
    treat(incident, host, Grounds("live_with_it", "plant control", legal_hold=True), ASKER, NOW)
    for where in (incident, other):
        with pytest.raises(Refused, match="legal hold, and its evidence is not saved"):
            treat(where, host, Grounds("rebuild", "back door"), ASKER, NOW)
    with pytest.raises(Refused, match="only legal lifts"):
        treat(incident, host, Grounds("rebuild", "back door", legal_hold=False), ASKER, NOW)
    assert treat(incident, host, Grounds("clean", "for now"), ASKER, NOW).legal_hold  # it is not forgotten
    record_evidence(incident, host, Saved("/cases/1.cre", elsewhere=True), ASKER, NOW)
    made = treat(incident, host, Grounds("rebuild", "back door"), ASKER, NOW + HOUR)
    assert (find_decision(host), find_decision(host, incident), find_decision(host, other)) == (made, made, None)
    lifted = treat(incident, host, Grounds("rebuild", "x", legal_hold=False), join("lea", "legal"), NOW + 2 * HOUR)
    assert not lifted.legal_hold
    assert incident.host_decisions.exclude(replaced_at=None).count() == 3  # earlier ones stay readable


def test_against_the_advice_it_takes_a_reason() -> None:
    incident, host = declare("one"), make_host("srv1", "10.1.0.1")
    against = Grounds("clean", "we can", advice=("Code Red II: anybody could run commands",))
    with pytest.raises(WrongUse, match="rebuild is advised"):
        treat(incident, host, against, ASKER, NOW)
    treat(incident, host, against._replace(treatment="rebuild"), ASKER, NOW)
    long = against._replace(reasons="it never faced the Internet, its logs are whole")
    assert treat(incident, host, long, ASKER, NOW).treatment == "clean"
    told = read_detail(LedgerEntry.objects.filter(kind="treatment").latest("seq"))
    assert (told["before"], told["advice"]) == ("rebuild", list(against.advice))
    for bad in (Grounds("clean", " "), Grounds("burn", "why not")):  # type: ignore[arg-type]
        with pytest.raises(WrongUse):
            treat(incident, host, bad, ASKER, NOW)
