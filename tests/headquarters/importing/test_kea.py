from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.kea import is_kea, read_kea
from codered_hq.model.inventory import HostRecord, Inventory, Source
from tests.fixtures.opened_sources import open_bytes

SAMPLES = Path(__file__).parents[2] / "fixtures" / "inventory"
HEADER = b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n"


def take(data: bytes) -> Inventory:
    harvest = Harvest(Options(now=datetime(2026, 11, 22, 12, tzinfo=UTC)))
    read_kea(open_bytes(data), harvest)
    return harvest.finish(Source(kind="kea", name="x"))


def test_lease_files() -> None:
    found = take((SAMPLES / "kea-leases4.csv").read_bytes())
    until = datetime.fromtimestamp(1795390000, UTC)
    assert found.hosts[0] == HostRecord(
        address="192.0.2.20",
        mac="52:54:00:bb:00:01",
        name="web-02.example.org",
        seen_at=datetime.fromtimestamp(1795390000 - 3600, UTC),
        until=until,
    )
    assert found.hosts[1].mac == "52:54:00:bb:00:02"
    assert (found.hosts[2].name, found.hosts[2].current) == ("gone", False)
    assert [part.why for part in found.skipped] == ["192.0.2.23 is declined: something else answers there"]
    six = take((SAMPLES / "kea-leases6.csv").read_bytes())
    assert [(host.address, host.mac) for host in six.hosts] == [("2001:db8:1::20", "52:54:00:bb:00:01")]
    assert six.skipped[0].why.startswith("a delegated prefix")


def test_answers_of_the_control_channel() -> None:
    found = take((SAMPLES / "kea-lease4-get-all.json").read_bytes())
    assert [(host.address, host.current) for host in found.hosts] == [("192.0.2.20", True), ("192.0.2.22", False)]
    assert found.skipped[0].where == "lease 2"
    with pytest.raises(WrongUse, match="not an answer of Kea"):
        take(b'{"leases": 1')
    with pytest.raises(WrongUse, match="Kea answered 1: no"):
        take(b'{"result": 1, "text": "no", "arguments": {"leases": []}}')
    for broken in (b"[" * 100_000, b'{"text": "\xf3"}'):
        with pytest.raises(WrongUse, match="not an answer of Kea"):
            take(broken)
    odd = take(
        b'{"arguments": {"leases": [{"ip-address": "\xf3"},'
        b'{"ip-address": "10.0.0.1", "cltt": 1795386400, "valid-lft": 9}]}}'
    )
    assert [part.where for part in odd.skipped] == ["lease 1"]


def test_odd_rows() -> None:
    found = take(
        HEADER + b"10.0.0.1,,,3600,1795390000,1,0,0,ok,0\n10.0.0.2,,,x,soon,1,0,0,,0\n"
        b"10.0.0.3,ff:ff:ff:ff:ff:ff,,3600,1795390000,1,0,0,a b,0\n10.0.0.4,,,3600,1795390000,1,0,0,,9\n10.0.0.5\n"
    )
    assert [host.address for host in found.hosts] == ["10.0.0.1", "10.0.0.3"]
    assert [part.where for part in found.skipped] == ["line 3", "line 4", "line 4", "line 5", "line 6"]
    with pytest.raises(WrongUse, match="not the header"):
        take(b"a,b\n")
    assert is_kea([HEADER.decode()])
    assert not is_kea(["address,mac"])


@given(st.binary(max_size=300))
def test_hostile_files(data: bytes) -> None:
    for start in (HEADER + b"10.0.0.1,", b'{"arguments": {"leases": [', b""):
        with suppress(WrongUse):
            take(start + data)
