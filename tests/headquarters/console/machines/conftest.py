"""A headquarters with a host on which something was found, a plan for it, and a browser that is signed in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import zstandard
from django.test import Client

from codered.model.finding import Evidence
from codered_hq.fleet.ingesting import store_findings
from codered_hq.fleet.models import FleetRun, HostRun, StoredFinding, StoredReport
from codered_hq.hosts.models import Host
from codered_hq.opening import open_headquarters
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import make_plan, make_report
from tests.fixtures.rules_in_force import put_sample_in_force


class Ill(NamedTuple):
    """The host, its finding, the row of its plan."""

    host: Host
    finding: StoredFinding
    plan: HostRun


@pytest.fixture
def desk(db: None, headquarters: Path) -> Client:
    """A browser of somebody in the team; rules are in force."""
    open_headquarters()
    put_sample_in_force(headquarters)
    return make_viewer_client("Kim", "security")


def make_ill(name: str = "web-1", address: str = "10.1.0.1", path: str = "/srv/a.php", because: str = "it is") -> Ill:
    """A host with one finding and a plan against it."""
    at = datetime.now(UTC)
    host = make_host(name, address)
    report = make_report(path)
    evidence = (Evidence(what=because, data=b"<b>\x1b[2Jsh\xe2\x80\xaeell</b>", line=3),)
    found = msgspec.structs.replace(report.findings[0], because=because, evidence=evidence, attack=("T1505.003",))
    report = msgspec.structs.replace(report, findings=(found,))
    stored = StoredReport.objects.create(
        uid=f"{host.pk:064x}", host=host, word="scan", verdict="infected", key="k", taken_at=at, received_at=at,
        document=zstandard.ZstdCompressor().compress(msgspec.json.encode(report)),
    )  # fmt: skip
    store_findings(host, report.findings, stored, at)
    Host.objects.filter(pk=host.pk).update(state="infected", state_since=at)
    host.refresh_from_db()
    plan = make_plan(path)
    run = FleetRun.objects.create(uid=f"{host.pk:032x}", word="plan", state="done", started=at, expires=at)
    row = HostRun.objects.create(
        run=run, host=host, state="answered", ended=at, plan=msgspec.json.encode(plan), plan_digest=plan.digest
    )
    return Ill(host, StoredFinding.objects.get(host=host), row)
