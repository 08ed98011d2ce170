"""Rows of the fleet say who they are."""

import pytest

from codered_hq.fleet.models import FleetRun, HostCase, HostRun, Schedule, StoredFinding, StoredReport
from tests.fixtures.inventories import NOW, make_host


@pytest.mark.django_db
def test_rows_name_themselves() -> None:
    host = make_host("web", "10.1.0.5")
    run = FleetRun.objects.create(uid="u1", word="scan", started=NOW, expires=NOW)
    task = HostRun.objects.create(run=run, host=host)
    rows = (
        run,
        task,
        StoredReport(uid="r"),
        StoredFinding(pack="codered", subject="/x"),
        HostCase(host=host, opened_at=NOW),
    )
    assert [str(row) for row in rows] == [
        "scan u1", f"{run.pk} {host.pk} queued", "r", "codered /x", f"{host.pk} since {NOW}",
    ]  # fmt: skip
    assert str(Schedule(word="verify", every_seconds=5400)) == "verify every 1.5 h"
