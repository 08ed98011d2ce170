"""Played switches tell their ports as real ones do."""

from datetime import UTC, datetime
from pathlib import Path

from codered_hq.config import read_config
from codered_hq.containment.played_tables import read_played
from codered_hq.containment.sighting import Sight
from codered_hq.devices.played_switches import RANGE_FOLDER, PlayedChange, change_switch
from codered_hq.model.inventory import Skipped
from tests.fixtures.small_ranges import write_small_range

MAC = "02:42:0a:14:01:0a"


def test_a_machine_is_seen_behind_its_port_until_that_is_off(headquarters: Path) -> None:
    write_small_range(headquarters)
    config = read_config(headquarters)
    sight = Sight(config)
    (view,) = sight.find_ports(config.devices[0].address, "ge-0/0/1")
    assert MAC in view.macs
    sight.look()
    places, _ = sight.locate([MAC])
    assert [(place.switch, place.port) for place in places] == [("sw-ulm-1", "ge-0/0/1")]
    off = PlayedChange(label="a", word="port ge-0/0/1", value="down")
    change_switch(headquarters / RANGE_FOLDER / "sw-ulm-1.json", [off], "a", datetime.now(UTC))
    sight.forget()
    sight.look()
    assert sight.locate([MAC])[0] == []


def test_one_that_is_away_says_so(headquarters: Path) -> None:
    write_small_range(headquarters)
    device = read_config(headquarters).devices[0]
    (headquarters / RANGE_FOLDER / f"{device.name}.json").unlink()
    found = read_played(device)
    assert isinstance(found, Skipped)
    assert "no answer" in found.why
