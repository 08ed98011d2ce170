"""Hosts and gaps as people read them."""

import msgspec
import pytest

from codered_hq.hosts.gaps import GapList
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, document_subnets, make_host, record
from tests.headquarters.conftest import Say

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
