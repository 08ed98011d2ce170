"""The one door for changes: a run with a row for each host, and nothing is sent by it."""

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import PlanDocument
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import make_plan

pytestmark = pytest.mark.django_db


def test_each_host_gets_its_own_plan_or_nobody_any() -> None:
    hosts = [make_host("web-1", "10.1.0.1"), make_host("web-2", "10.1.0.2")]
    plan = make_plan("/a")
    document = PlanDocument(msgspec.json.encode(plan), plan.digest, b"{}")
    with pytest.raises(WrongUse, match="web-2: there is no plan"):
        order_change("apply", hosts, {hosts[0].pk: document}, Wish(), NOW)
    assert not FleetRun.objects.exists()
    run = order_change("rollback", hosts, {host.pk: document for host in hosts}, Wish(), NOW)
    assert (run.word, run.state) == ("rollback", "running")
    assert [(row.state, row.plan_digest, row.job) for row in run.hosts.all()] == [("queued", plan.digest, None)] * 2
