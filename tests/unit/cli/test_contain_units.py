from pathlib import Path

import pytest

from codered.cli.contain_orders import Wish
from codered.cli.contain_units import check_survives, leave_unit, take_unit_away
from codered.model.errors import Refused
from codered.model.firewall import FirewallOrder
from codered.targets import open_target

UNITS = "etc/systemd/system"
NAME = "contain-20261122-120000-abcd"


@pytest.fixture
def booted(tmp_path: Path) -> Path:
    """A root that systemd starts, as an offline volume: nobody is told of units there."""
    for folder in (UNITS, "run/systemd/system", "var", "usr/bin"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    return tmp_path / "root"


def test_the_unit_comes_and_goes(booted: Path) -> None:
    target = open_target(str(booted))
    leave_unit(NAME, target)
    unit = booted / UNITS / f"codered-contain-{NAME}.service"
    link = booted / UNITS / "multi-user.target.wants" / unit.name
    assert f'"contain" "keep" "{NAME}"' in unit.read_text()
    assert link.is_symlink()
    take_unit_away(NAME, target)
    assert not unit.exists()
    assert not link.is_symlink()
    take_unit_away(NAME, target)


def test_what_would_lock_everybody_out_is_refused(booted: Path) -> None:
    target = open_target(str(booted))
    with pytest.raises(Refused, match="nobody could log in"):
        check_survives(Wish("isolate_host", FirewallOrder(), ""), target)
    check_survives(Wish("isolate_host", FirewallOrder(management=("192.0.2.0/24",)), ""), target)
    check_survives(Wish("throttle_outbound", FirewallOrder(), ""), target)


def test_without_systemd_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bare").mkdir()
    target = open_target(str(tmp_path / "bare"))
    with pytest.raises(Refused, match="systemd"):
        check_survives(Wish("throttle_outbound", FirewallOrder(), ""), target)
    leave_unit(NAME, target)
    assert "does not survive a reboot" in capsys.readouterr().err
