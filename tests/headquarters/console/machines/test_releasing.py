"""The list of containments; a release of nothing. The whole way is in test_containing."""

from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse

from codered_hq.containment.models import Containment
from tests.fixtures.large_incidents import make_large_incident


def test_what_needs_somebody_stands_first(desk: Client) -> None:
    make_large_incident(100, datetime.now(UTC))
    order = {"kind": "disable_port", "device": "sw1", "label": "x", "port": "ge-0-1"}
    Containment.objects.update(order=order)
    page = desk.get(reverse("containments")).content.decode()
    assert "1–50 of 300" in page
    assert page.count('<tr class="bad"') == 2
    assert page.index('<tr class="bad"') < page.index("<tr>", page.index("<tbody"))
    assert "2 can't be taken back now" in page


def test_nothing_to_release(desk: Client) -> None:
    assert b"Nothing is cut off" in desk.get(reverse("containments")).content
    for query in ("", "?uid=abcdef123456"):
        assert desk.get(reverse("release") + query).status_code == 400
