from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest
from codered_hq.importing.yaml_files import is_yaml, read_yaml
from codered_hq.model.inventory import HostRecord, Inventory, ScanPointRecord, Source, SubnetRecord, ZoneRecord
from tests.fixtures.opened_sources import open_bytes

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "inventory" / "inventory.yaml"


def take(text: str) -> Inventory:
    harvest = Harvest()
    read_yaml(open_bytes(text.encode("utf-8", "replace"), "inv.yaml"), harvest)
    return harvest.finish(Source(kind="yaml", name="inv.yaml"))


def test_the_whole_document() -> None:
    found = take(DOCUMENT.read_text())
    assert found.zones == (
        ZoneRecord(name="plant", kind="protected", scan_point="sp-1", blocked="the plant's firewall"),
        ZoneRecord(name="lab", kind="lab"),
    )
    assert found.scan_points == (ScanPointRecord(name="sp-1", zone="plant", minion="sp-1.plant"),)
    assert found.owners[0].phone == "+43 1 555"
    assert found.subnets[0] == SubnetRecord(
        range="192.0.2.0/24", vlan=10, site="Vienna", zone="plant", owner="Anna Müller", criticality="vital",
        tags=("office", "windows"),
    )  # fmt: skip
    assert found.hosts[0] == HostRecord(
        address="192.0.2.10", mac="52:54:00:aa:00:01", name="web-01.example.org", serial="A1", tags=("web",),
        seen_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    )  # fmt: skip
    assert [(note.where, note.why) for note in found.notes] == [
        ("line 23", "10.0.0.5/16 has host bits: taken as 10.0.0.0/16")
    ]
    assert not found.skipped


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hosts:\n  - adress: 10.0.0.1\n", r"inv.yaml:2: the unknown key `adress`"),
        ("hosts:\n  - name: a\n    name: b\n", r"inv.yaml:3: the key `name` a second time"),
        ("hosts:\n  - name: a\nhosts:\n  - name: b\n", "inv.yaml:3: the key `hosts` a second time"),
        ("machines:\n  - name: a\n", "inv.yaml:1: the unknown key `machines`"),
        ("hosts: a\n", "inv.yaml:1: `hosts` is not a list"),
        ("hosts:\n  - a\n", "inv.yaml:2: an entry of `hosts` is not a mapping"),
        ("hosts:\n  - name: {a: b}\n", "inv.yaml:2: `name` is neither a text nor a list"),
        ("hosts:\n  - &a {name: a}\n  - *a\n", "an anchor"),
        ("- a\n", "not a mapping"),
        ("hosts:\n", "no record in it"),
        ("hosts:\n  - owner: Anna\n", "neither an address, a MAC nor a name"),
    ],
)
def test_strict(text: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        take(text)


def test_values_that_do_not_fit_are_named_by_line() -> None:
    found = take("hosts:\n  - name: a\n    address: 300.1.1.1\n  - {name: b, current: no}\n")
    assert [part.where for part in found.skipped] == ["line 2"]
    assert not found.hosts[1].current
    assert is_yaml(["# ours", "hosts:"])
    assert is_yaml(["{", '"hosts": [', ""])
    assert not is_yaml(["{", '"leases": ['])
    assert not is_yaml(["  hosts:"])


@given(st.text(alphabet="hosts:name -\n{}[]&*!\"'1", max_size=200) | st.text(max_size=200))
def test_hostile_files(text: str) -> None:
    for start in ("hosts:\n  - name: ", ""):
        with suppress(WrongUse):
            take(start + text)
