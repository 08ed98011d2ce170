"""Cutting a host off in the browser, and releasing it: the rules' answer first, exactly that is asked for."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.config import headquarters_folder, read_config
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Tag
from tests.fixtures.played_devices import PlayedDevices, make_switch, make_tables, surround
from tests.fixtures.switched_headquarters import enter_hosts, write_config

MAC = "00:00:5e:00:53:01"


@pytest.fixture
def target(desk: Client, headquarters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host behind port 3 of a switch that is played."""
    write_config(headquarters, make_switch("sw1", "192.0.2.1"))
    PlayedDevices(tmp_path).put_in(monkeypatch)
    quiet: Callable[..., dict[str, bool]] = lambda addresses, *_: dict.fromkeys(addresses, False)  # noqa: E731
    for place in ("acting", "aiming", "proving"):
        monkeypatch.setattr(f"codered_hq.containment.{place}.ask_all", quiet)

    monkeypatch.setattr("codered_hq.containment.acting.tell_return", lambda _addresses: "back as it was")

    def look(_config: object) -> Surroundings:
        return surround(read_config(headquarters_folder()), make_tables("192.0.2.1", {"ge-0-3": [MAC]}))

    monkeypatch.setattr("codered_hq.console.machines.containing.Surroundings", look)
    monkeypatch.setattr("codered_hq.containment.acting.Surroundings", look)
    (host,) = enter_hosts([("web-1", "10.1.0.1", MAC)])
    return host


def read_seen(page: str) -> str:
    """What the form says was seen."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_host_is_cut_off_and_released(desk: Client, target: Host) -> None:
    page = desk.get(f"{reverse('contain')}?host={target.pk}").content.decode()
    assert "disable_port sw1 ge-0-3" in page
    assert "cut-ordinary" in page
    assert "24 h" in page
    given = {"host": target.pk, "seen": read_seen(page), "reason": "it spreads"}
    assert desk.post(reverse("contain-ask"), given | {"reason": ""}).status_code == 400
    changed = desk.post(reverse("contain-ask"), given | {"seen": "x"})
    assert changed.status_code == 409
    assert b"nothing was done" in changed.content
    assert not Decision.objects.exists()
    answer = desk.post(reverse("contain-ask"), given)
    assert answer["Location"] == reverse("host", args=[target.pk])
    row = Containment.objects.get()
    assert (row.state, row.requested_by, row.reason) == ("holding", "Kim", "it spreads")
    assert desk.post(reverse("contain-ask"), given).status_code == 409
    assert "cut off already" in desk.get(f"{reverse('contain')}?host={target.pk}").content.decode()
    assert "ge-0-3" in desk.get(reverse("containments")).content.decode()

    address = f"{reverse('release')}?uid={row.uid}"
    seen = read_seen(desk.get(address).content.decode())
    back = {"uid": row.uid, "seen": seen, "reason": "it is clean"}
    assert desk.post(reverse("release-ask"), back | {"reason": ""}).status_code == 400
    assert desk.post(reverse("release-ask"), back | {"seen": "x"}).status_code == 409
    assert desk.post(reverse("release-ask"), back).status_code == 303
    row.refresh_from_db()
    assert row.state == "undone"
    assert desk.post(reverse("release-ask"), back).status_code == 400


def test_what_needs_a_yes_says_whose(desk: Client, target: Host) -> None:
    target.tags.add(Tag.objects.create(name="vital"))
    page = desk.get(f"{reverse('contain')}?host={target.pk}").content.decode()
    assert "Must say yes" in page
    assert "nobody has this role" in page
    assert "cut-vital" in page
    answer = desk.post(reverse("contain-ask"), {"host": target.pk, "seen": read_seen(page), "reason": "it spreads"})
    decision = Decision.objects.get()
    assert decision.state == "awaiting"
    assert answer["Location"] == reverse("approval", args=[decision.uid])
    assert not Containment.objects.exists()


def test_what_is_refused_names_its_rule(desk: Client, target: Host) -> None:
    target.tags.add(Tag.objects.create(name="never_touch"))
    looked = desk.get(f"{reverse('contain')}?host={target.pk}")
    page = looked.content.decode()
    assert "<strong>never-touch</strong>: Listed as never to be touched." in page
    assert "It stays until somebody releases it" not in page
    assert "Ask the gate" not in page
    assert f'href="{reverse("whatif")}?hosts=web-1"' in page
    answer = desk.post(reverse("contain-ask"), {"host": target.pk, "seen": looked.context["seen"], "reason": "x"})
    assert answer.status_code == 403
    assert b"nothing can be asked for; nothing was done" in answer.content
    assert not Decision.objects.exists()
    assert not Containment.objects.exists()
