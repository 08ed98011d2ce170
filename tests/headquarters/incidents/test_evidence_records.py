"""Evidence that was saved is noted once; what nobody looked at is said to be so."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.custody_heads import read_hashes
from codered_hq.incidents.evidence_records import Saved, read_again, record_evidence, tell_saved
from codered_hq.incidents.models import EvidenceRecord
from codered_hq.incidents.subjects import make_subject
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.evidence import make_container
from tests.fixtures.gate_crew import ASKER, NOW, declare
from tests.fixtures.inventories import make_host


@pytest.mark.django_db
def test_noted_once_and_known_to_the_rules() -> None:
    incident, host = declare("one"), make_host("srv1", "10.1.0.1")
    assert not make_subject(host).evidence_saved
    for _ in range(2):
        made = record_evidence(incident, host, Saved(" /cases/1.cre ", "AB" * 32, elsewhere=True), ASKER, NOW)
    assert (made.container, made.head) == ("/cases/1.cre", "ab" * 32)
    assert (EvidenceRecord.objects.count(), LedgerEntry.objects.filter(kind="evidence").count()) == (1, 1)
    assert (make_subject(host).evidence_saved, make_subject(host).evidence_unchecked) == (True, True)
    for bad in (Saved(""), Saved("x\ny"), Saved("x" * 300), Saved("x", "ab"), Saved("x", "z" * 64)):
        with pytest.raises(WrongUse):
            record_evidence(incident, host, bad, ASKER, NOW)


@pytest.mark.django_db
def test_what_lies_here_is_read_and_its_head_kept(tmp_path: Path) -> None:
    incident, host = declare("one"), make_host("srv1", "10.1.0.1")
    with pytest.raises(WrongUse, match="No such file"):
        record_evidence(incident, host, Saved("/nonexistent"), ASKER, NOW)
    record_evidence(incident, host, Saved("case 7, safe 3", elsewhere=True), ASKER, NOW)
    container = make_container(tmp_path)
    hashes = read_hashes(container)
    for wrong in (hashes[0], "0" * 64):
        with pytest.raises(WrongUse, match="is not the head"):
            record_evidence(incident, host, Saved(str(container), wrong), ASKER, NOW)
    made = record_evidence(incident, host, Saved(str(container), hashes[-1]), ASKER, NOW)
    assert (made.head, made.checked) == (hashes[-1], True)
    assert record_evidence(incident, host, Saved(str(container)), ASKER, NOW) == made
    assert (make_subject(host).evidence_saved, make_subject(host).evidence_unchecked) == (True, False)
    told = [entry.what for entry in LedgerEntry.objects.filter(kind="evidence").order_by("seq")]
    assert told == [
        "evidence of srv1 noted, NOT checked: case 7, safe 3", f"evidence of srv1 {tell_saved(made)}: {container}",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_chain_is_read_again_and_another_one_is_noticed(tmp_path: Path) -> None:
    incident, host = declare("one"), make_host("srv1", "10.1.0.1")
    container = make_container(tmp_path)
    made = record_evidence(incident, host, Saved(str(container)), ASKER, NOW)
    assert read_again(made)[-1] == made.head
    EvidenceRecord.objects.update(head="0" * 64)
    made.refresh_from_db()
    with pytest.raises(Refused, match="does not hold the head that was noted"):
        read_again(made)
    said = record_evidence(incident, host, Saved("case 7, safe 3", elsewhere=True), ASKER, NOW)
    with pytest.raises(Refused, match="only said"):
        read_again(said)
