import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.forms import read_source
from codered_hq.importing.writing import (
    WRITERS,
    write_ansible,
    write_csv,
    write_hosts_file,
    write_inventory,
    write_json,
    write_yaml,
)
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    PlaceRecord,
    ScanPointRecord,
    Source,
    SubnetRecord,
    ZoneRecord,
)
from tests.fixtures.opened_sources import open_bytes

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FULL = Inventory(
    source=Source(kind="hand", name="x"),
    zones=(ZoneRecord(name="plant", kind="protected", blocked="no: way", note="two\nlines & *more*"),),
    subnets=(SubnetRecord(range="10.0.0.0/24", vlan=7, criticality="vital", tags=("a", "b")),),
    owners=(OwnerRecord(name='Anna "M" Müller\\', mail="anna@example.org"),),
    scan_points=(ScanPointRecord(name="sp", zone="plant", engine="ansible"),),
    hosts=(
        HostRecord(address="10.0.0.1", mac="52:54:00:00:00:01", name="web-01.example.org", tags=("x",), seen_at=AT,
                   owner="{{ lookup('pipe', 'id') }}", site="Vienna West", system="no"),
        HostRecord(address="10.0.0.2", name="web-01.example.org", current=False, until=AT),
        HostRecord(address="10.0.0.3", name="bücher", owner="=cmd|' /C calc'!A0"),
        HostRecord(address="10.0.0.1", name="alias"),
    ),
    places=(PlaceRecord(mac="52:54:00:00:00:01", switch="sw", switch_address="", port="Gi1/0/1", seen_at=AT),),
)  # fmt: skip


def read_back(data: bytes) -> Inventory:
    return msgspec.structs.replace(read_source(open_bytes(data)), source=FULL.source)


def test_yaml_and_json_are_read_back_the_same() -> None:
    assert read_back(write_yaml(FULL)) == FULL
    assert read_back(write_json(FULL)) == FULL
    assert json.loads(write_json(FULL))["hosts"][1]["current"] is False
    assert write_inventory(FULL, "yaml") == WRITERS["yaml"](FULL)
    with pytest.raises(WrongUse, match="known are csv, yaml, json, ansible, hosts-file"):
        write_inventory(FULL, "xls")


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30), st.text(max_size=30))
def test_any_text_is_read_back(name: str, hostile: str) -> None:
    owner = OwnerRecord(name=name, department=hostile)
    inventory = Inventory(source=FULL.source, owners=(owner, OwnerRecord(name="x")))
    for data in (write_yaml(inventory), write_json(inventory)):
        found = read_back(data)
        assert found.owners[-1].name == "x"
        assert len(found.owners) + len(found.skipped) >= 2
        if hostile.isascii() and hostile.isprintable() and name.isascii():
            assert found.owners[0] == msgspec.structs.replace(owner, department=hostile.strip())


def test_csv_holds_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(write_csv(FULL).decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "address"
    assert [row[8] for row in rows[3:4]] == ["'=cmd|' /C calc'!A0"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert read_back(write_csv(FULL)).hosts == FULL.hosts


def test_ansible_reads_it_and_runs_no_template(tmp_path: Path) -> None:
    path = tmp_path / "inventory.yml"
    path.write_bytes(write_ansible(FULL))
    text = path.read_text()
    assert "!unsafe \"{{ lookup('pipe', 'id') }}\"" in text
    environment = {**os.environ, "HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path)}
    program = Path(sys.executable).with_name("ansible-inventory")
    ran = subprocess.run(
        [program, "-i", path, "--list"], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    told = json.loads(ran.stdout)
    assert told["site_vienna_west"]["hosts"] == told["tag_x"]["hosts"] == ["web-01.example.org"]
    facts = told["_meta"]["hostvars"]
    assert facts["web-01.example.org"]["ansible_host"] == "10.0.0.1"
    assert "lookup" in json.dumps(facts["web-01.example.org"]["codered_owner"])
    assert set(facts) == {"web-01.example.org", "10.0.0.3", "alias"}


def test_hosts_file_has_plain_names_only() -> None:
    assert write_hosts_file(FULL) == b"10.0.0.1\tweb-01.example.org alias\n"
