"""Tags, what holds of a host, and how it is treated."""

import re

from django.test import Client
from django.urls import reverse

from codered_hq.hosts.models import Host
from codered_hq.incidents.models import HostDecision
from tests.fixtures.console_desk import make_person, sign_in
from tests.fixtures.gate_crew import declare
from tests.headquarters.console.machines.conftest import make_ill


def test_tags_come_and_go(desk: Client) -> None:
    host = make_ill().host
    address = reverse("host-tag", args=[host.pk])
    assert desk.post(address, {"add": "never_touch"}).status_code == 303
    assert list(host.tags.values_list("name", flat=True)) == ["never_touch"]
    assert desk.post(address, {"add": "<b>"}).status_code == 400
    assert desk.post(address, {}).status_code == 400
    assert desk.post(address, {"remove": "never_touch"}).status_code == 303
    assert not host.tags.exists()
    assert sign_in(Client(), None).post(address, {"add": "x"}).status_code == 403


def test_who_appoints_nobody_talks_the_rules_out_of_nothing(desk: Client) -> None:
    host = make_ill().host
    make_person("Cora", "incident_commander")
    desk.post(reverse("host-tag", args=[host.pk]), {"add": "never_touch"})
    desk.post(reverse("host-mark", args=[host.pk]), {"criticality": "vital"})
    for word, given in (("host-tag", {"remove": "never_touch"}), ("host-mark", {"criticality": "low"})):
        answer = desk.post(reverse(word, args=[host.pk]), given)
        assert answer.status_code == 403
        assert b"neither incident_commander nor executive" in answer.content
    assert Host.objects.get(pk=host.pk, tags__name="never_touch").criticality == "vital"


def test_what_a_person_says_holds(desk: Client) -> None:
    host = make_ill().host
    address = reverse("host-mark", args=[host.pk])
    assert desk.post(address, {"criticality": "vital", "owner": "Ada"}).status_code == 303
    host = Host.objects.get(pk=host.pk)
    assert (host.criticality, str(host.owner)) == ("vital", "Ada")
    assert desk.post(address, {"criticality": "huge"}).status_code == 400
    assert desk.post(address, {"owner": " "}).status_code == 400


def test_a_treatment_is_decided_on_what_was_seen(desk: Client) -> None:
    host = make_ill().host
    address = reverse("host-treat", args=[host.pk])
    given = {"treatment": "rebuild", "reasons": "Nobody knows what else is there.", "seen": ""}
    assert desk.post(address, given).status_code == 400  # no incident
    declare("worm")
    wrong = desk.post(address, given | {"treatment": "burn"})
    assert wrong.status_code == 400
    assert b"Nobody knows what else is there." in wrong.content
    assert desk.post(address, given).status_code == 303
    assert HostDecision.objects.get().decided_by == "Kim"
    assert b"somebody decided meanwhile" in desk.post(address, given).content
    page = desk.get(reverse("host", args=[host.pk])).content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    assert desk.post(address, given | {"treatment": "live_with_it", "seen": seen[1]}).status_code == 303
    assert HostDecision.objects.filter(replaced_at=None).count() == 1
