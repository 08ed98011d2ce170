from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.dnsmasq import is_dnsmasq, read_dnsmasq
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.model.inventory import HostRecord, Inventory, Source
from tests.fixtures.opened_sources import open_bytes

LEASES = Path(__file__).parents[2] / "fixtures" / "inventory" / "dnsmasq.leases"


def take(data: bytes) -> Inventory:
    harvest = Harvest(Options(now=datetime(2026, 11, 23, tzinfo=UTC)))
    read_dnsmasq(open_bytes(data), harvest)
    return harvest.finish(Source(kind="dnsmasq", name="x"))


def test_leases_of_a_real_server() -> None:
    found = take(LEASES.read_bytes())
    assert [(host.address, host.mac, host.name) for host in found.hosts] == [
        ("10.77.0.75", "52:54:00:12:34:03", "laptop-anna"),
        ("10.77.0.74", "52:54:00:12:34:02", ""),
        ("10.77.0.73", "52:54:00:12:34:01", "web-01"),
    ]
    assert {(host.until, host.current) for host in found.hosts} == {
        (datetime(2026, 11, 22, 23, 12, 40, tzinfo=UTC), False)
    }
    assert not found.skipped


def test_odd_leases() -> None:
    lines = (
        b"0 52:54:00:12:34:04 10.77.0.76 * *\n"
        b"1795389160 06-52:54:00:12:34:05 10.77.0.77 token-ring *\n"
        b"duid 00:01:00:01\n"
        b"1795389160 T7340113 fd77::1f5 laptop 00:01:00:01\n"
        b"1795389160 bad\n"
        b"12345678901234 52:54:00:12:34:04 10.77.0.78 * *\n"
        b"1795389160 52:54:00:12:34:07 10.77.0.79 $(reboot) *\n"
    )
    found = take(lines)
    assert found.hosts[0] == HostRecord(address="10.77.0.76", mac="52:54:00:12:34:04")
    assert [(host.address, host.mac) for host in found.hosts[1:3]] == [("10.77.0.77", ""), ("fd77::1f5", "")]
    assert found.hosts[3].name == ""
    assert [part.where for part in found.skipped] == ["line 2", "line 5", "line 6", "line 7"]


def test_recognised() -> None:
    assert is_dnsmasq(["", "1795389160 52:54:00:12:34:03 10.77.0.75 laptop 01:52:54:00:12:34:03"])
    assert is_dnsmasq(["duid 00:01", "1795389160 7340113 fd77::1f5 laptop 00:01:00:01"])
    assert not is_dnsmasq(["ip,mac"])
    assert not is_dnsmasq([])


@given(st.binary(max_size=300))
def test_hostile_files(data: bytes) -> None:
    with suppress(WrongUse):
        take(b"1795389160 52:54:00:12:34:03 10.77.0.75 " + data)
