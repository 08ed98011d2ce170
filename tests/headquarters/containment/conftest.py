"""Devices that are played, for a headquarters with rules in force."""

from pathlib import Path

import pytest

from codered_hq.opening import open_headquarters
from tests.fixtures.played_devices import PlayedDevices
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.fixture
def played(db: None, headquarters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlayedDevices:
    """The only devices there are; nobody answers an echo."""
    open_headquarters()
    put_sample_in_force(headquarters)
    devices = PlayedDevices(tmp_path)
    devices.put_in(monkeypatch)
    monkeypatch.setattr("codered_hq.containment.acting.ask_all", lambda addresses, *_: dict.fromkeys(addresses, False))
    monkeypatch.setattr("codered_hq.containment.aiming.ask_all", lambda addresses, *_: dict.fromkeys(addresses, False))
    monkeypatch.setattr("codered_hq.containment.proving.ask_all", lambda addresses, *_: dict.fromkeys(addresses, False))
    return devices
