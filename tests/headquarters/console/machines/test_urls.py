"""Every page of the room: who may see it, and that hostile text stays text."""

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.console.machines.urls import urlpatterns
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Owner, Place
from codered_hq.incidents.models import EvidenceRecord
from codered_hq.ledger.models import LedgerEntry
from tests.headquarters.console.machines.conftest import Ill, make_ill

HOSTILE = ("<script>alert(1)</script>\"'><img src=x onerror=alert(1)>", "\u202egpj.exe\u2066", "\x1b[2J\x1b]0;x\x07")
GETS = {"hosts", "part-hosts", "hosts-export", "host", "part-host", "contain", "containments", "part-containments",
        "release", "findings", "part-findings", "finding", "plans", "plan", "runs", "run", "part-run"}  # fmt: skip


def list_addresses(ill: Ill) -> dict[str, str]:
    """Every page that is looked at."""
    one = {"host": ill.host.pk, "part-host": ill.host.pk, "finding": ill.finding.pk, "plan": ill.plan.pk,
           "run": ill.plan.run.uid, "part-run": ill.plan.run.uid}  # fmt: skip
    found = {name: reverse(name, args=[one[name]] if name in one else []) for name in GETS if name != "release"}
    return found | {"contain": f"{found['contain']}?host={ill.host.pk}"}


def test_nobody_sees_a_page_without_signing_in(desk: Client) -> None:
    ill = make_ill()
    for address in list_addresses(ill).values():
        answer = Client().get(address)
        assert answer.status_code == 302, address
        assert "login" in answer["Location"]


def test_what_is_done_is_done_by_post_alone(desk: Client) -> None:
    ill = make_ill()
    for pattern in urlpatterns:
        name = str(pattern.name)
        if name not in GETS:
            args = [ill.host.pk if name.startswith("host") else ill.plan.pk] if "int" in str(pattern.pattern) else []
            assert desk.get(reverse(name, args=args)).status_code == 405, name


@pytest.mark.parametrize("text", [*HOSTILE, "A" * 10000])
def test_hostile_text_is_shown_as_text(desk: Client, text: str) -> None:
    short = text[:250]
    ill = make_ill(path=f"/srv/{text}", because=text)
    host = ill.host
    Host.objects.filter(pk=host.pk).update(
        label=short, site=short, system=short, product=short, note=text, owner=Owner.objects.create(name=short)
    )
    at = host.first_seen
    host.identifiers.create(kind="name", value=short, source=short, first_seen=at, last_seen=at)
    host.claims.create(kind="alias", value=short, source=short, first_seen=at, last_seen=at)
    Place.objects.create(host=host, mac="00:00:5e:00:53:01", switch=short, port=short, first_seen=at, last_seen=at)
    EvidenceRecord.objects.create(host=host, container=short, head=text[:64], who=short, at=at)
    ill.plan.run.hosts.update(reason=short)
    Decision.objects.create(
        uid="d" * 32, kind="disable_port", target=f"host #{host.pk}", target_set="x", requested_by=short, at=at,
        request={"kind": "disable_port", "target": "x", "at": at.isoformat(), "requested_by": "x", "subjects": []},
        answer="no", rule=short[:64], why=text, state="refused",
    )  # fmt: skip
    for name, address in list_addresses(ill).items():
        answer = desk.get(address)
        assert answer.status_code == 200, (name, answer.content[-600:])
        page = answer.content.decode()
        assert ("<script>alert" not in page and "<img" not in page) or name == "hosts-export", name
        assert not set(page) & set("\u202e\u2066\x1b\x07"), name
        assert all(sign.isprintable() or sign in "\r\n\t" for sign in page), name


def test_looking_at_evidence_is_noted_once(desk: Client) -> None:
    ill = make_ill()
    address = reverse("finding", args=[ill.finding.pk])
    page = desk.get(address).content.decode()
    assert desk.get(address).status_code == 200
    assert "T1505.003" in page
    assert "3c 62 3e 1b" in page
    assert "&lt;b&gt;" in page
    entry = LedgerEntry.objects.get(kind="console", what__contains="looked at")
    assert entry.who == "Kim"
    assert f"#{ill.finding.pk}" in entry.what
