"""The range: files, headquarters.toml and inventory tell the same."""

import stat
from pathlib import Path

from codered_hq.config import read_config
from codered_hq.devices.played_switches import read_range
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.populating import make_machines
from codered_hq.hosts.models import Host, Place, Subnet
from tests.fixtures.small_ranges import LAB, make_scenario


def test_each_machine_is_in_the_inventory_and_behind_its_port(drill: Drill, headquarters: Path) -> None:
    plugged = {port.address: (one.name, port.name) for one in read_range(headquarters) for port in one.ports}
    assert len(plugged) == PlayedHost.objects.filter(drill=drill).count() == Host.objects.count() == 24
    for row in PlayedHost.objects.select_related("host"):
        place = Place.objects.get(host=row.host)
        assert (place.switch, place.port) == plugged[row.address]
    assert Host.objects.filter(tags__name="never_touch").count() == 1
    assert Subnet.objects.get(range=LAB).zone.blocked == "its router"  # type: ignore[union-attr]


def test_the_devices_are_played_and_the_file_is_private(drill: Drill, headquarters: Path) -> None:
    config = read_config(headquarters)
    assert config.exercise == "simulated"
    assert {device.driver for device in config.devices} == {"simulated"}
    assert stat.S_IMODE((headquarters / "headquarters.toml").stat().st_mode) == 0o600


def test_the_same_seed_is_the_same_range() -> None:
    assert list(make_machines(make_scenario()).values()) == list(make_machines(make_scenario()).values())
