from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.arp_tables import is_arp, read_arp
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.model.inventory import HostRecord, Inventory, Source
from tests.fixtures.opened_sources import open_bytes

SAMPLES = Path(__file__).parents[2] / "fixtures" / "inventory"
MAC = "00:15:5d:0a:0b:0c"


def take(text: str, switch: str = "") -> Inventory:
    harvest = Harvest(Options(switch=switch))
    read_arp(open_bytes(text.encode("utf-8", "replace"), "sw-7.txt"), harvest)
    return harvest.finish(Source(kind="arp", name="x"))


@pytest.mark.parametrize(
    "line",
    [
        "192.0.2.1 dev eth0 lladdr 00:15:5d:0a:0b:0c REACHABLE",
        "192.0.2.1 dev br-0 lladdr 00:15:5d:0a:0b:0c router STALE ",
        "? (192.0.2.1) at 00:15:5d:0a:0b:0c [ether] on eth0",
        "? (192.0.2.1) at 0:15:5d:a:b:c on en0 ifscope [ethernet]",
        "192.0.2.1       0x1         0x2         00:15:5d:0a:0b:0c     *        eth0",
        "Internet  192.0.2.1               5   0015.5d0a.0b0c  ARPA   Vlan10",
        "  192.0.2.1             00-15-5d-0a-0b-0c     dynamisch",
    ],
)
def test_neighbours(line: str) -> None:
    assert is_arp(["", line])
    assert take(line).hosts == (HostRecord(address="192.0.2.1", mac=MAC),)


def test_tables_of_real_systems() -> None:
    found = take((SAMPLES / "ip-neigh.txt").read_text())
    assert [host.address[-4:] for host in found.hosts] == ["77.0.1"[-4:], "0.73", "0.75", "0.74"]
    assert len(found.notes) == 3  # incomplete, failed, link-local
    assert not found.skipped
    named = take(f"gw.example.org (192.0.2.1) at {MAC} [ether] on eth0\n? (192.0.2.2) at <incomplete> on eth0\n")
    assert named.hosts[0].name == "gw.example.org"
    proc = "IP address       HW type     Flags       HW address            Mask     Device\n"
    proc += f"192.0.2.1  0x1  0x2  {MAC}  *  eth0\n192.0.2.2  0x1  0x0  {MAC}  *  eth0\n"
    assert len(take(proc).hosts) == 1


def test_tables_of_switches() -> None:
    found = take((SAMPLES / "show-mac.txt").read_text())
    assert [(place.switch, place.port, place.vlan, place.macs) for place in found.places] == [
        ("sw-core-1", "Gi1/0/1", 10, 1),
        ("sw-core-1", "Gi1/0/24", 10, 2),
        ("sw-core-1", "Gi1/0/24", 20, 2),
    ]
    assert [(host.address, host.mac) for host in found.hosts] == [
        ("192.0.2.1", ""), ("192.0.2.50", "52:54:00:ee:00:01")
    ]  # fmt: skip
    assert any("VRRP" in note.why for note in found.notes)
    assert any("the switch itself" in note.why for note in found.notes)
    assert not found.skipped
    row = "*   10     5254.00ee.0001    dynamic   0          F    F  Eth1/1\n"
    assert take(row).places[0].switch == "sw-7"
    assert take(row, "core-9").places[0].switch == "core-9"
    assert take(row).places[0].port == "Eth1/1"
    with pytest.raises(WrongUse, match="not understood: hello"):
        take("hello world\n")


@given(st.text(alphabet="0123456789abcdef:.-() \n", max_size=200) | st.text(max_size=200))
def test_hostile_files(text: str) -> None:
    with suppress(WrongUse):
        take(f"192.0.2.1 dev eth0 lladdr {text}\n{text}\n10 5254.00ee.0001 dynamic {text}")
