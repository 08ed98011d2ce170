"""Rumours on their pages."""

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.incidents.models import Rumour
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    declare_now()
    return make_viewer_client("Hal", "helpdesk")


def test_heard_looked_into_answered_once(desk: Client) -> None:
    assert "No rumours" in desk.get(reverse("rumours")).content.decode()
    said = {"heard": "the wages are gone", "heard_from": "canteen"}
    for _click in range(2):
        page = desk.post(reverse("rumours"), said, follow=True).content.decode()
        assert "canteen" in page
    rumour = Rumour.objects.get()
    address = reverse("rumour", args=[rumour.pk])
    assert "the wages are gone" in desk.get(address).content.decode()
    silent = desk.post(address, {"answer": "They are safe."})
    assert (silent.status_code, "They are safe." in silent.content.decode()) == (400, True)
    done = desk.post(address, {"true": "no", "answer": "They are safe."}, follow=True).content.decode()
    assert f"rumour {rumour.pk} is false" in done
    late = desk.post(address, {"true": "yes", "answer": "Gone."})
    assert late.status_code == 409
    assert "Hal looked into it meanwhile" in late.content.decode()
    rumour.refresh_from_db()
    assert (rumour.state, rumour.answer) == ("false", "They are safe.")
    assert "No rumours of this kind" in desk.get(reverse("part-rumours"), {"state": "open"}).content.decode()


def test_refusals(desk: Client) -> None:
    empty = desk.post(reverse("rumours"), {"heard": " ", "heard_from": "x"})
    assert (empty.status_code, 'id="id_heard_error"' in empty.content.decode()) == (400, True)
    assert desk.get(reverse("rumour", args=[99])).status_code == 400
    looker = sign_in(Client(), None)
    assert looker.post(reverse("rumours"), {"heard": "x"}).status_code == 403
    assert "<form" not in desk.get(reverse("part-rumours")).content.decode()


@pytest.mark.parametrize("field", ["heard", "heard_from", "answer", "checked_by"])
def test_hostile_text_is_only_text(desk: Client, field: str) -> None:
    desk.post(reverse("rumours"), {"heard": "x", "heard_from": "y"})
    Rumour.objects.update(**{"state": "true", "answer": "a", field: HOSTILE})
    for address in (reverse("rumours"), reverse("rumour", args=[Rumour.objects.get().pk])):
        page = desk.get(address).content.decode()
        assert find_leaks(page) == []
    assert "&lt;script&gt;" in desk.get(reverse("rumours")).content.decode()
