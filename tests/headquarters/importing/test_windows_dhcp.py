from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.times import find_zone
from codered_hq.importing.windows_dhcp import is_windows_dhcp, read_windows_dhcp
from codered_hq.model.inventory import HostRecord, Inventory, Source
from tests.fixtures.opened_sources import open_bytes

SAMPLES = Path(__file__).parents[2] / "fixtures" / "inventory"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def take(data: bytes, zone: str = "") -> Inventory:
    harvest = Harvest(Options(now=NOON, zone=find_zone(zone) if zone else None))
    read_windows_dhcp(open_bytes(data), harvest)
    return harvest.finish(Source(kind="windows-dhcp", name="x"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_exports_of_powershell(encoding: str) -> None:
    text = (SAMPLES / "windows-leases.csv").read_text(encoding="utf-8")
    found = take(text.encode(encoding), "Europe/Vienna")
    assert found.hosts[0] == HostRecord(
        address="192.0.2.30",
        mac="52:54:00:cc:00:01",
        name="pc-30.example.org",
        until=datetime(2026, 11, 23, 6, 29, 13, tzinfo=UTC),
    )
    assert [(host.address[-2:], host.mac != "", host.current) for host in found.hosts[1:]] == [
        ("31", True, True), ("33", False, True), ("34", True, False)
    ]  # fmt: skip
    assert [(part.where, part.why.rpartition(":")[2].strip()) for part in found.skipped] == [
        ("line 5", "something else answers there"),
        ("line 6", "the identifier 52-41-53-20-00-11-22-33 is no Ethernet address"),
    ]
    assert not found.notes


def test_the_text_of_netsh() -> None:
    found = take((SAMPLES / "netsh-clients.txt").read_bytes())
    assert [(host.address, host.mac, host.name) for host in found.hosts] == [
        ("192.0.2.40", "52:54:00:dd:00:01", "pc-40.example.org"),
        ("192.0.2.41", "52:54:00:dd:00:02", "printer-41"),
        ("192.0.2.43", "52:54:00:dd:00:04", "pc-43"),
    ]
    assert [host.until for host in found.hosts] == [datetime(2026, 11, 23, 7, 29, 13, tzinfo=UTC), None, None]
    assert [part.where for part in found.skipped] == ["line 11", "line 12", "line 13"]
    assert "which comes first" in found.skipped[1].why
    assert found.notes[0].where == "times"


def test_the_list_of_the_console_and_others() -> None:
    console = b"Client IP Address\tName\tLease Expiration\tType\tUnique ID\tDescription\n"
    row = b"192.0.2.50\tpc.example.org\tReservation (inactive)\tDHCP\t525400cc0009\t\n"
    found = take(console + row)
    assert found.hosts[0].mac == "52:54:00:cc:00:09"
    assert "not a time" in found.skipped[0].why
    assert is_windows_dhcp([console.decode()])
    assert not is_windows_dhcp(["ip,mac"])
    with pytest.raises(WrongUse, match="not an export of Windows"):
        take(b"ip,mac\n10.0.0.1,\n")


@given(st.text(alphabet="-0123456789. DBADRESNV:/\n\"',", max_size=200) | st.text(max_size=100))
def test_hostile_files(text: str) -> None:
    table = "IP Address      - Subnet Mask    - Unique ID           - Lease Expires\n192.0.2.40 - 255.255.255.0 -"
    for start in (table, "IPAddress,ClientId\n10.0.0.1,", '"IPAddress","ClientId"\n"'):
        with suppress(WrongUse):
            take((start + text).encode("utf-8", "replace"))
