"""A drill is started from the page of a real headquarters."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.console.exercises import starting
from codered_hq.drills.ranges import note_begun, note_served
from codered_hq.opening import open_headquarters
from tests.fixtures.console_desk import make_viewer_client, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def begun(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What would have been begun by a process of its own."""
    open_headquarters("codered_hq.console_settings")
    found: list[Path] = []

    def begin(folder: Path, _wanted: object) -> bool:
        found.append(folder)
        return False

    monkeypatch.setattr(starting, "begin_behind", begin)
    return found


def test_from_the_form_to_the_war_room(begun: list[Path], headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_viewer_client("Mara", "incident_commander")
    assert "Start the drill" in client.get(reverse("drills")).content.decode()
    said = {"scenario": "three-am", "name": "night", "speed": "2"}
    assert client.post(reverse("start-drill"), said).status_code == 303
    assert begun == [headquarters / "drills" / "night"]
    shown = client.get(reverse("drills")).content.decode()
    assert "Drill night begins" in shown
    assert "begins…" in shown
    note_begun(begun[0])
    note_served(begun[0], "https://localhost:9443")
    by_hand = client.get(reverse("part-ranges")).content.decode()
    assert f"CODERED_HQ={begun[0]} " in by_hand
    assert "was not started by codered serve" in by_hand
    monkeypatch.setenv("CODERED_CONSOLE_ORIGIN", "https://war.corp.example")
    assert "behind a proxy" in client.get(reverse("part-ranges")).content.decode()
    monkeypatch.setenv("CODERED_CONSOLE_DRILLS", "served")
    served = client.get(reverse("part-ranges")).content.decode()
    assert 'href="https://localhost:9443/"' in served
    assert "<form" not in served


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"scenario": "nowhere"}, "is no scenario"),
        ({"scenario": "three-am", "name": "../x"}, "is no name of a drill"),
        ({"scenario": "three-am", "name": "typed-name", "speed": "fast"}, "is no speed"),
        ({"scenario": "three-am", "speed": "nan"}, "is no speed"),
    ],
)
def test_what_was_typed_is_kept(begun: list[Path], said: dict[str, str], what: str) -> None:
    answer = make_viewer_client("Mara", "executive").post(reverse("start-drill"), said)
    assert (answer.status_code, begun) == (400, [])
    shown = answer.content.decode()
    assert what in shown
    assert f'value="{said.get("name", "")}"' in shown


def test_who_may_not(begun: list[Path]) -> None:
    for client in (make_viewer_client("Tom", "network"), sign_in(Client(), None)):
        assert "Start the drill" not in client.get(reverse("drills")).content.decode()
        assert client.post(reverse("start-drill"), {"scenario": "three-am"}).status_code == 403
    assert begun == []
