"""Evidence on its pages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.incidents.evidence_records import Saved, record_evidence
from codered_hq.incidents.models import EvidenceRecord
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.evidence import make_container
from tests.fixtures.gate_crew import ASKER, NOW
from tests.fixtures.inventories import make_host
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return make_viewer_client("Sec", "security")


def test_a_container_elsewhere_is_noted_and_said_to_be_unchecked(desk: Client) -> None:
    assert "No evidence" in desk.get(reverse("evidence")).content.decode()
    assert "No incident is chosen" in desk.get(reverse("evidence-new")).content.decode()
    declare_now()
    make_host("srv1", "10.1.0.1")
    said = {"host": "srv1", "container": "case 7, safe 3", "head": "ab" * 32}
    for _click in range(2):
        page = desk.post(reverse("evidence-new"), said, follow=True).content.decode()
        assert "only said, NOT checked" in page
    assert EvidenceRecord.objects.count() == 1
    wrong = desk.post(reverse("evidence-new"), said | {"head": "short"})
    assert (wrong.status_code, 'id="id_head_error"' in wrong.content.decode()) == (400, True)
    unknown = desk.post(reverse("evidence-new"), said | {"host": "nobody"})
    assert (unknown.status_code, "no host is known by this" in unknown.content.decode()) == (400, True)
    assert "case 7" in unknown.content.decode()
    assert "case 7, safe 3" in desk.get(reverse("evidence"), {"checked": "no", "q": "SRV"}).content.decode()
    assert "No evidence of this kind" in desk.get(reverse("evidence"), {"checked": "yes"}).content.decode()
    chain = desk.post(reverse("evidence-record", args=[EvidenceRecord.objects.get().pk]))
    assert (chain.status_code, "was only said to be safe" in chain.content.decode()) == (403, True)


def test_the_custody_chain_is_read_again(desk: Client, tmp_path: Path) -> None:
    container = make_container(tmp_path)
    record = record_evidence(declare_now(), make_host("srv1", "10.1.0.1"), Saved(str(container)), ASKER, NOW)
    address = reverse("evidence-record", args=[record.pk])
    assert "Read its custody chain again" in desk.get(address).content.decode()
    page = desk.post(address).content.decode()
    assert "The chain holds together" in page
    assert "Its head is the one that was noted." in page
    EvidenceRecord.objects.update(head="0" * 64)
    changed = desk.post(address)
    assert (changed.status_code, "does not hold the head" in changed.content.decode()) == (403, True)
    EvidenceRecord.objects.update(container="/nonexistent")
    assert desk.post(address).status_code == 400


def test_who_looks_is_noted_once_an_hour_and_who_only_looks_changes_nothing() -> None:
    looker = sign_in(Client(), None)
    saved, at = Saved("x", elsewhere=True), datetime.now(UTC)
    record = record_evidence(declare_now(), make_host("srv1", "10.1.0.1"), saved, ASKER, at)
    before = LedgerEntry.objects.count()
    for _time in range(3):
        looker.get(reverse("evidence-record", args=[record.pk]))
    noted = LedgerEntry.objects.filter(seq__gt=before)
    assert [entry.what for entry in noted] == [f"guest: looker looked at evidence: record {record.pk} of srv1"]
    assert looker.post(reverse("evidence-new"), {"host": "srv1", "container": "y"}).status_code == 403
    assert looker.post(reverse("evidence-record", args=[record.pk])).status_code == 403
    assert looker.get(reverse("evidence-record", args=[99])).status_code == 400


@pytest.mark.parametrize("field", ["container", "who", "label"])
def test_hostile_text_is_only_text(desk: Client, field: str) -> None:
    host = make_host("srv1", "10.1.0.1")
    record = record_evidence(declare_now(), host, Saved("x", elsewhere=True), ASKER, NOW)
    if field == "label":
        host.label = HOSTILE
        host.save()
    else:
        EvidenceRecord.objects.update(**{field: HOSTILE})
    for address in (reverse("evidence"), reverse("evidence-record", args=[record.pk])):
        page = desk.get(address).content.decode()
        assert find_leaks(page) == []
        assert "&lt;script&gt;" in page
