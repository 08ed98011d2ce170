from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.isc_dhcpd import is_dhcpd, read_dhcpd
from codered_hq.model.inventory import HostRecord, Inventory, Source
from tests.fixtures.opened_sources import open_bytes

LEASES = Path(__file__).parents[2] / "fixtures" / "inventory" / "dhcpd.leases"


def take(data: bytes) -> Inventory:
    harvest = Harvest(Options(now=datetime(2026, 11, 22, 12, tzinfo=UTC)))
    read_dhcpd(open_bytes(data), harvest)
    return harvest.finish(Source(kind="isc-dhcpd", name="x"))


def test_the_last_lease_of_an_address_holds() -> None:
    found = take(LEASES.read_bytes())
    hosts = {host.address: host for host in found.hosts}
    assert hosts["192.0.2.10"] == HostRecord(
        address="192.0.2.10",
        mac="52:54:00:aa:00:01",
        name="web-01",
        seen_at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        until=datetime(2026, 11, 22, 20, 30, tzinfo=UTC),
    )
    expired = hosts["192.0.2.11"]
    assert (expired.mac, expired.current) == ("52:54:00:aa:00:02", False)
    assert hosts["192.0.2.12"].mac == "52:54:00:aa:00:03"
    assert hosts["192.0.2.12"].until is None
    assert hosts["192.0.2.12"].current
    assert hosts["192.0.2.14"] == HostRecord(address="192.0.2.14", mac="52:54:00:aa:00:04", name="printer")
    assert hosts["2001:db8::10"].until == datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert [(part.where, part.why) for part in found.skipped] == [
        ("line 39", "192.0.2.13 is abandoned: something else answers there")
    ]


def test_configurations_and_odd_leases() -> None:
    text = b"""shared-network x { subnet 10.1.0.0 netmask 255.255.0.0 { pool { range 10.1.0.5 10.1.0.9; } }
      group { host a { hardware ethernet 52:54:00:aa:00:09; fixed-address 10.1.0.7, 10.1.0.8; } }
      subnet6 2001:db8:9::/64 { } }
    host b { deleted; }
    ia-pd "x" { iaprefix 2001:db8:a::/56 { binding state active; } }
    lease 10.1.0.20 { hardware token-ring 52:54:00:aa:00:09;
 client-hostname "a\\033[2J"; starts 0 2026/99/22 08:00:00; }
    lease 10.1.0.22 { binding; uid; ends; hardware; client-hostname; }
    lease nonsense { binding state active; }
    lease 127.0.0.1 { binding state active; }
    lease 10.1.0.21 { binding state active;
    """
    found = take(text)
    assert [subnet.range for subnet in found.subnets] == ["10.1.0.0/16", "2001:db8:9::/64"]
    assert [(host.address, host.name) for host in found.hosts[:2]] == [("10.1.0.7", "a"), ("10.1.0.8", "a")]
    assert found.hosts[2] == HostRecord(address="10.1.0.20")
    whys = " / ".join(f"{part.where} {part.why}" for part in found.skipped)
    for why in ("delegated prefix", "not Ethernet", "not a host's name: a\\x1b[2J", "not a time",
                "not an address: nonsense",
                "line 11 lease 10.1.0.21 is cut off", "127.0.0.1"):  # fmt: skip
        assert why in whys


def test_recognised() -> None:
    assert is_dhcpd(["# The format of this file is documented in the dhcpd.leases(5) manual page."])
    assert is_dhcpd(["", "  lease 10.0.0.1 {"])
    assert not is_dhcpd(["lease,10.0.0.1"])


@given(st.text(alphabet='lease {};"\\#\n01.:', max_size=200) | st.text(max_size=200))
def test_hostile_files(text: str) -> None:
    with suppress(WrongUse):
        take(f"lease 10.0.0.1 {{\n{text}\n}}\nlease 10.0.0.1 {{ {text}".encode("utf-8", "replace"))
