"""The list of subnets and one of them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.hosts.models import Host, Subnet
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.inventories import document_subnets, make_host
from tests.fixtures.sweeps import swept

pytestmark = pytest.mark.django_db


def look(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, secure=True)
    assert answer.status_code == status
    return answer.content.decode()


def test_fifty_a_page_with_filters() -> None:
    document_subnets(*(f"10.20.{number}.0/24" for number in range(60)))
    client = make_viewer_client("Nora")
    text = look(client, "/subnets/")
    assert "Showing 1–50 of 60 subnets" in text
    assert "15,360 of 15,360 addresses are not covered" in text
    assert "Showing 51–60 of 60 subnets" in look(client, "/subnets/?page=2")
    assert "Showing 1–1 of 1 subnets" in look(client, "/subnets/?q=10.20.7.")
    assert "No subnet fits." in look(client, "/subnets/?state=covered")
    part = look(client, "/subnets/part/?q=10.20.7.")
    assert "<html" not in part
    assert 'hx-get="/subnets/part/?q=10.20.7."' in part
    assert "is no state of a subnet" in look(client, "/subnets/?state=green", 400)


def test_without_any() -> None:
    assert "codered hosts import" in look(make_viewer_client("Nora"), "/subnets/")


def test_one_of_them() -> None:
    document_subnets("10.1.0.0/29", "10.2.0.0/24")
    host = make_host("<b>web</b>", "10.1.0.2")
    Host.objects.filter(pk=host.pk).update(state="infected")
    sweep = swept("10.1.0.0/29", at=datetime.now(UTC) - timedelta(minutes=1), clean=["10.1.0.2"])
    client = make_viewer_client("Nora")
    text = look(client, f"/subnets/{Subnet.objects.get(range='10.1.0.0/29').pk}/")
    assert "answered" in text
    assert sweep.uid[:8] in text
    assert f'href="{reverse("host", args=[host.pk])}"' in text
    assert "<b>web" not in text
    assert "1 infected" in text
    other = look(client, f"/subnets/{Subnet.objects.get(range='10.2.0.0/24').pk}/")
    assert "256 of 256 addresses are not covered" in other
    assert "No host is known here." in other
    assert "None yet." in other
    assert "no such subnet" in look(client, "/subnets/99999/", 400)
