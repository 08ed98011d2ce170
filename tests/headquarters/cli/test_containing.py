"""`codered contain host|port|vlan` at a real switch: off, proven unreachable, back; and what is refused."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.config import DeviceConfig
from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Place, Tag
from codered_hq.ledger.reading import verify_ledger
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import declare
from tests.fixtures.inventories import make_host
from tests.fixtures.networks import inside
from tests.fixtures.ovs_switches import Switch
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.saying import Say
from tests.fixtures.switched_headquarters import open_at_switch, write_config

pytestmark = pytest.mark.django_db


def test_a_host_is_cut_off_at_its_port_and_comes_back(headquarters: Path, ovs_switch: Switch, say: Say) -> None:
    _, (host, _) = open_at_switch(headquarters, ovs_switch)
    machine, neighbour = ovs_switch.machines[:2]
    assert ovs_switch.reaches(machine.address)
    with inside(ovs_switch.hq):
        dry = say("contain", "host", host.label, "--dry-run")
        assert (dry.code, "disable_port sw1 m1" in dry.out, ovs_switch.is_up("m1")) == (0, True, True), dry
        assert say("contain", "host", host.label, "--reason", "x").code == 2  # nobody is there to ask
        why = say("contain", "host", host.label, "--yes")
        assert (why.code, "--reason" in why.err) == (2, True), why
        begun = time.monotonic()
        done = say("contain", "host", host.label, "--yes", "--reason", "it spreads", "--for", "1h", "--json")
        print(f"cut off in {time.monotonic() - begun:.2f} s")
        assert done.code == 0, done
        (result,) = json.loads(done.out)["results"]
        assert (result["state"], result["rule"]) == ("contained", "cut-ordinary")
        assert result["containments"][0]["proof"] == "proven unreachable: answered before, silent after"
        assert result["containments"][0]["timers"][0].startswith("device")
        assert result["host"] == host.label
        assert not ovs_switch.is_up("m1")
        assert not ovs_switch.reaches(machine.address)
        assert ovs_switch.reaches(neighbour.address)
        host.refresh_from_db()
        assert host.state == "contained"
        again = say("contain", "host", host.label, "--yes", "--reason", "it spreads")
        assert (again.code, "contained already" in again.out, Containment.objects.count()) == (0, True, 1)
        declare("try", drill=True)
        drill = say("contain", "host", host.label, "--yes", "--reason", "it spreads", "--incident", "try")
        assert (drill.code, "drill" in drill.out, "already" in drill.out) == (4, True, False), drill
        listed = say("contain", "list")
        assert (listed.code, "machine-m1" in listed.out, "cut-ordinary" in listed.out) == (0, True, True)
        back = say("contain", "release", host.label, "--yes")
        assert (back.code, "released" in back.out, "it answers again" in back.out) == (0, True, True), back
        assert ovs_switch.is_up("m1")
    row = Containment.objects.get()
    assert (row.state, row.undone_by, row.before["values"]["admin"], bool(row.backup)) == (
        "undone", row.requested_by, "up", True,
    )  # fmt: skip
    host.refresh_from_db()
    assert host.state == "infected"
    assert not list((headquarters / "keeper" / "due").glob("*.json"))
    assert not verify_ledger().problem


def test_what_must_never_be_cut_is_refused_by_the_guard(headquarters: Path, ovs_switch: Switch, say: Say) -> None:
    open_at_switch(headquarters, ovs_switch)
    with inside(ovs_switch.hq):
        kept = say("contain", "port", "sw1", "hq", "--yes", "--reason", "it spreads")
        assert (kept.code, "keep_ports" in kept.out) == (4, True), kept
        config = headquarters / "headquarters.toml"
        config.write_text(config.read_text().replace('"hq", "hq-20"', ""))
        ours = say("contain", "port", "sw1", "hq-20", "--yes", "--reason", "it spreads")
        assert (ours.code, "headquarters itself" in ours.out, "guard" in ours.out) == (4, True, True), ours
        vlan = say("contain", "vlan", "20", "--all", "--yes", "--reason", "it spreads")
        assert (vlan.code, "headquarters itself" in vlan.out) == (4, True), vlan
        none = say("contain", "port", "sw1", "nowhere", "--yes", "--reason", "it spreads")
        assert (none.code, "some that it has: " in none.err, "m1" in none.err) == (2, True, True), none
        assert say("contain", "port", "sw9", "m1", "--yes", "--reason", "it spreads").code == 2
        spare = say("contain", "vlan", "sw1", "30", "--yes", "--reason", "it spreads")
        assert (spare.code, "contained" in spare.out, ovs_switch.is_up("s1")) == (0, True, False), spare
        assert say("contain", "release", "--all", "--yes").code == 0
        assert ovs_switch.is_up("s1")
    assert ovs_switch.is_up("hq-20")


def test_half_of_a_batch_is_refused_and_told_one_by_one(headquarters: Path, ovs_switch: Switch, say: Say) -> None:
    _, (first, second) = open_at_switch(headquarters, ovs_switch)
    first.tags.add(Tag.objects.create(name="never_touch"))
    nowhere = Host.objects.create(label="nowhere", first_seen=first.first_seen, last_seen=first.last_seen)
    vital = Tag.objects.create(name="vital")
    second.tags.add(vital)
    with inside(ovs_switch.hq):
        waits = say("contain", "host", second.label, "--yes", "--reason", "it spreads")
        assert (waits.code, "codered approve yes" in waits.err) == (5, True), waits
        assert f"{second.label} (host #{second.pk})" in waits.out
        assert "disable_port sw1 m2" in waits.out
        assert say("contain", "host", first.label, "--yes", "--reason", "it spreads").code == 4
        assert (ovs_switch.is_up("m1"), ovs_switch.is_up("m2")) == (True, True)
        second.tags.remove(vital)
        done = say("contain", "host", first.label, second.label, nowhere.label, "--yes", "--reason", "it spreads")
        assert done.code == 3, done
        assert "never-touch" in done.out
        assert "no MAC of it is known" in done.out
        assert (ovs_switch.is_up("m1"), ovs_switch.is_up("m2")) == (True, False)
        assert say("contain", "release", "--all", "--yes").code == 0
    assert ovs_switch.is_up("m2")


def test_a_switch_that_is_gone_is_no_rule(headquarters: Path, say: Say) -> None:
    at = datetime.now(UTC)
    write_config(headquarters, DeviceConfig(name="sw1", address="127.0.0.9", driver="snmp", community="x", port=9))
    open_headquarters()
    put_sample_in_force(headquarters)
    host = make_host("worm", "10.9.9.9")
    Place.objects.create(
        host=host, mac="02:00:00:00:00:01", switch="sw1", switch_address="127.0.0.9", port="p1", vlan=10, macs=1,
        first_seen=at, last_seen=at,
    )  # fmt: skip
    gone = say("contain", "host", "worm", "--yes", "--reason", "it spreads")
    assert (gone.code, "can't see what is behind" in gone.out) == (6, True), gone
    assert "contain block 10.9.9.9" in gone.out
    assert not Decision.objects.exists()
