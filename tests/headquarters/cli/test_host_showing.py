"""Hosts and gaps as people read them."""

import msgspec
import pytest

from codered_hq.hosts.gaps import GapList
from codered_hq.hosts.models import Host
from codered_hq.model.inventory import HostRecord
from codered_hq.sweeps.swept_hosts import HostList
from tests.fixtures.inventories import HOUR, NOW, document_subnets, make_host, record
from tests.fixtures.saying import Say
from tests.fixtures.sweeps import now, swept

pytestmark = pytest.mark.django_db


def test_conflicts_and_history_are_shown_with_their_age(say: Say) -> None:
    record(HostRecord(name="web", mac="02:00:00:00:00:01", address="10.1.0.4", seen_at=NOW - HOUR))
    record(HostRecord(name="web", mac="02:00:00:00:00:01", address="10.1.0.5", owner="shop", seen_at=NOW))
    record(HostRecord(name="web", owner="ops"), kind="csv")
    out = say("hosts", "show", "web").out
    assert "had            10.1.0.4 on 02:00:00:00:00:01, dnsmasq:leases, 2026-11-22 02:00\n" in out
    assert "conflict       owner: ops (csv:leases, 2026-11-22 03:00); shop (dnsmasq:leases, 2026-11-22 03:00)\n" in out


def test_gaps_as_a_document(say: Say) -> None:
    document_subnets("10.1.0.0/24")
    make_host("web", "10.9.0.5", owner="shop")
    answer = say("hosts", "gaps", "--json")
    assert {gap.kind for gap in msgspec.json.decode(answer.out, type=GapList).gaps} == {"outside"}


def test_what_sweeps_found_stands_with_the_host(say: Say) -> None:
    make_host("web", "10.1.0.4")
    swept("10.1.0.0/29", at=now() - 72 * HOUR, clean=["10.1.0.4"], vulnerable=["10.1.0.5"])
    swept("10.1.0.4", at=now() - 3 * HOUR, infected=["10.1.0.4"])
    swept("10.1.0.4", at=now() - HOUR, not_asked=["10.1.0.4"])
    out = say("hosts", "show", "web").out
    line = next(line for line in out.splitlines() if line.startswith("  swept"))
    assert line.startswith("  swept          10.1.0.4 infected, port 80: it is infected (20")
    assert line.endswith(", 3 h ago)")
    assert "10.1.0.5 vulnerable, port 80" in say("hosts", "show", "10.1.0.5").out
    (shown,) = msgspec.json.decode(say("hosts", "show", "web", "--json").out, type=HostList).hosts
    assert [(each.address, each.state, each.ports) for each in shown.swept] == [("10.1.0.4", "infected", (80,))]
    Host.objects.filter(label="web").update(state="suspect")
    none = say("hosts", "show", "--state", "infected").out
    assert "no host fits; 1 suspect (a sweep's infected is a suspicion until a scan): --state suspect" in none
    assert "vulnerable by a sweep: 1 " in none
    Host.objects.update(state="closed")
    assert "suspicion" not in say("hosts", "show", "--state", "infected").out
    assert "no host fits\n" in say("hosts", "show", "--state", "watch").out
