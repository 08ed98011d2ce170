"""What is known that speaks for rebuilding a host."""

import pytest

from codered_hq.fleet.models import HostCase, StoredFinding, StoredReport
from codered_hq.reporting.treatment_advice import advise
from tests.fixtures.gate_crew import NOW
from tests.fixtures.inventories import make_host


@pytest.mark.django_db
def test_packs_and_earlier_infections_speak() -> None:
    host = make_host("srv1", "10.1.0.1")
    assert advise(host) == ()
    report = StoredReport.objects.create(uid="r", host=host, word="scan", key="k", taken_at=NOW, received_at=NOW)
    for number, pack in enumerate(("codered2", "codered2", "no-such-pack")):
        StoredFinding.objects.create(
            uid=f"{number}", host=host, report=report, pack=pack, indicator="x", layer="file", confidence="confirmed",
            severity="high", subject_kind="file", subject="x", first_seen=NOW, last_seen=NOW,
        )  # fmt: skip
    HostCase.objects.create(host=host, opened_at=NOW, reopened=2)
    first, second = advise(host)
    assert first.startswith("Code Red II: Anybody could run commands")
    assert second == "it was infected again 2 times"
