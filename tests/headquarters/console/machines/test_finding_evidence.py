"""Evidence made fit to be looked at; a report that is broken is told."""

import pytest

from codered_hq.console.machines.finding_evidence import dump_bytes, explain
from codered_hq.fleet.models import StoredReport
from tests.headquarters.console.machines.conftest import make_ill


def test_a_dump() -> None:
    assert dump_bytes(b"") == ""
    assert dump_bytes(b"A\x00" * 9).splitlines()[1] == f"00000010  {'41 00':<47}  A."


@pytest.mark.django_db
def test_what_is_kept_is_explained() -> None:
    row = make_ill().finding
    (proof,) = explain(row).proofs
    assert proof.text == "<b>\\x1b[2Jsh\\u202eell</b>"
    StoredReport.objects.update(document=b"broken")
    row.report.refresh_from_db()
    assert "can't be read" in explain(row).problem
