"""A team, an incident, and requests that wait, for the pages of the crisis."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from codered_hq.config import headquarters_folder, read_config
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Tag
from codered_hq.incidents.models import Incident, Person
from codered_hq.incidents.people import Speaker
from codered_hq.opening import open_headquarters
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router, surround
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.switched_headquarters import write_config

ADDRESS = "10.9.9.9"
Ask = Callable[[str], Decision]


@pytest.fixture
def incident(db: None) -> Incident:
    """An open one."""
    at = datetime.now(UTC) - timedelta(hours=1)
    return Incident.objects.create(name="worm", title="Worm in the server room", declared_at=at, declared_by="Cora")


@pytest.fixture
def team(incident: Incident) -> dict[str, Client]:
    """Browsers of some of the team: Nora asks; Edda and Bea approve together; Cora leads."""
    roles = {"Nora": "network", "Edda": "executive", "Bea": "business", "Cora": "incident_commander"}
    return {name: make_viewer_client(name, role) for name, role in roles.items()}


@pytest.fixture
def played(headquarters: Path, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PlayedDevices:
    """A router that obeys, and rules in force."""
    write_config(headquarters, make_router("r1"))
    open_headquarters("codered_hq.console_settings")
    put_sample_in_force(headquarters)
    (tmp_path / "devices").mkdir()
    devices = PlayedDevices(tmp_path / "devices")
    devices.put_in(monkeypatch)
    for room in ("acting", "aiming", "proving"):  # nobody answers an echo
        monkeypatch.setattr(
            f"codered_hq.containment.{room}.ask_all", lambda addresses, *_: dict.fromkeys(addresses, False)
        )
    return devices


@pytest.fixture
def ask(played: PlayedDevices, team: dict[str, Client], incident: Incident) -> Ask:
    """Nora asks to cut off a vital machine: an executive and business must say yes."""
    host = make_host("payroll", ADDRESS)
    host.tags.add(Tag.objects.create(name="vital"))

    def make(reason: str) -> Decision:
        nora = Person.objects.get(name="Nora")
        config = read_config(headquarters_folder())
        goal = Goal(do="block", networks=(f"{ADDRESS}/32",))
        wish = Wish(reason=reason, incident=incident.name)
        speaker = Speaker(nora, "Nora", None, "console: nora")
        return ask_for(goal, wish, speaker, surround(config), datetime.now(UTC)).decision

    return make


@pytest.fixture
def looker(db: None) -> Client:
    """Somebody who is nobody of the team."""
    return sign_in(Client(), None)
