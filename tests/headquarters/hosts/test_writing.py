"""What is written of a merger's buffers: few statements, however many records."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codered_hq.hosts.merging import Merger
from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.writing import HostWriter
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, record

pytestmark = pytest.mark.django_db


def rows(number: int) -> list[HostRecord]:
    return [
        HostRecord(
            mac=f"02:00:00:00:{each >> 8:02x}:{each & 255:02x}", name=f"pc{each}", owner=f"dep{each % 7}",
            address=f"10.1.{each >> 8}.{each & 255}", tags=("pc",), seen_at=NOW,
        )
        for each in range(number)
    ]  # fmt: skip


def count_statements(number: int) -> int:
    with CaptureQueriesContext(connection) as seen:
        record(*rows(number))
    return len(seen)


def test_twice_the_records_are_not_twice_the_statements() -> None:
    few = count_statements(50)
    many = count_statements(450)
    assert many <= few * 4  # nine times the rows; a database bounds the values of one statement
    again = count_statements(450)
    assert again <= many * 2
    assert (Host.objects.count(), Identifier.objects.count()) == (450, 900)


def test_hosts_come_in_the_records_order_and_times_only_widen() -> None:
    merger = Merger(rows(3), NOW)
    numbers = [merger.take(each) for each in (*rows(3), rows(1)[0])]
    writer = HostWriter(merger, "csv:x")
    writer.write()
    assert ([writer.host_of(number).label for number in numbers], writer.made) == (["pc0", "pc1", "pc2", "pc0"], 3)
    late = HostRecord(mac=rows(1)[0].mac, address="10.1.0.0", seen_at=NOW - HOUR)
    host = record(late, kind="arp").hosts[0]
    use = host.addresses.get()
    assert (host.first_seen, host.last_seen, use.first_seen, use.last_seen, use.source) == (
        NOW - HOUR,
        NOW,
        NOW - HOUR,
        NOW,
        "csv:x",
    )


def test_long_values_are_cut_not_refused() -> None:
    host = record(HostRecord(name="n" * 900, owner="o" * 900, tags=("t" * 90,))).hosts[0]
    assert (len(host.label), len(host.identifiers.get().value), len(host.tags.get().name)) == (255, 255, 64)
