"""Threat packs on their pages."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered.packs.loading import choose_packs_folder, list_packs
from codered_hq.fleet.models import StoredFinding
from tests.fixtures.console_desk import sign_in
from tests.fixtures.incident_rows import make_small_incident
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return sign_in(Client(), None)


def test_every_pack_is_listed_and_shown(desk: Client) -> None:
    incident = declare_now()
    incident.packs = ["codered2"]
    incident.save()
    names = list_packs(choose_packs_folder()[0])
    page = desk.get(reverse("packs")).content.decode()
    assert f"{len(names)} packs" in page
    for name in names:
        answer = desk.get(reverse("pack", args=[name]))
        assert answer.status_code == 200
        assert reverse("pack", args=[name]) in page
    assert desk.get(reverse("pack", args=["nothing"])).status_code == 400
    assert desk.get(reverse("pack", args=["..."])).status_code == 400


def test_a_pack_tells_all_that_it_knows(desk: Client) -> None:
    page = desk.get(reverse("pack", args=["codered2"])).content.decode()
    for told in (
        "The hole it comes in by", "MS01-033", "Signs: files", "Signs: logs", "How it looks for victims", "Containment",
        "Removal", "ATT&amp;CK", "T1190", "README", "Evidence of the patch", "by no signed update", "root.exe",
    ):  # fmt: skip
        assert told in page, told
    assert "what was not looked at is not known to be clean" in page


def test_hosts_that_have_it_are_counted_once_and_lead_there(desk: Client) -> None:
    make_small_incident()
    found = StoredFinding.objects.filter(gone_at=None)[0]
    page = desk.get(reverse("pack", args=[found.pack])).content.decode()
    assert reverse("host", args=[found.host_id]) in page
    assert f"?pack={found.pack}" in desk.get(reverse("packs")).content.decode()
    found.host.label = HOSTILE
    found.host.save()
    spoiled = desk.get(reverse("pack", args=[found.pack])).content.decode()
    assert find_leaks(spoiled) == []
    StoredFinding.objects.update(gone_at=datetime.now(UTC))
    assert "No open finding of it is known" in desk.get(reverse("pack", args=[found.pack])).content.decode()


def test_a_pack_of_somebodys_own_is_only_text(desk: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "packs"
    shutil.copytree(choose_packs_folder()[0] / "codered2", folder / "codered2")
    text = (folder / "codered2" / "pack.yaml").read_text()
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    spoiled = re.sub(r"(?m)^title: .*$", f"title: '{evil}'", text, count=1)
    spoiled = re.sub(r"(?m)^( +because: ).*$", rf"\1'{evil}'", spoiled, count=3)
    assert spoiled.count(evil) == 4
    (folder / "codered2" / "pack.yaml").write_text(spoiled)
    (folder / "codered2" / "README.md").write_text(HOSTILE)
    monkeypatch.setenv("CODERED_PACKS", str(folder))
    for address in (reverse("packs"), reverse("pack", args=["codered2"])):
        page = desk.get(address).content.decode()
        assert find_leaks(page) == []
        assert "&lt;script&gt;" in page
