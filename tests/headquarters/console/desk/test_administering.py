"""The desk is for administrators."""

import pytest
from django.test import Client

from tests.fixtures.console_desk import make_viewer_client

pytestmark = pytest.mark.django_db
PAGES = ("/admin/", "/admin/accounts/", "/admin/sessions/", "/admin/programs/", "/admin/outbox/")


@pytest.fixture
def cora() -> Client:
    return make_viewer_client("Cora", "incident_commander", administrator=True)


@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_for_administrators(cora: Client, page: str) -> None:
    shown = cora.get(page)
    assert (shown.status_code, shown.content.decode().count("<h1>")) == (200, 1)
    nora = make_viewer_client("Nora", "network")
    assert nora.get(page).status_code == 403
    assert "only an administrator" in nora.get(page).content.decode()
    assert Client().get(page).headers["Location"].startswith("/account/login/")
