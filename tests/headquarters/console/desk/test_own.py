"""One's own account, and the last second factor."""

import pytest
from allauth.mfa.models import Authenticator

from codered_hq.console.desk.own import find_providers
from tests.fixtures.console_desk import make_viewer_client


@pytest.mark.django_db
def test_the_last_passkey_stays() -> None:
    cora = make_viewer_client("Cora", "incident_commander")
    shown = cora.get("/account/").content.decode()
    assert ("incident_commander" in shown, "1 in use" in shown) == (True, True)
    Authenticator.objects.update(type=Authenticator.Type.WEBAUTHN)
    key = Authenticator.objects.get()
    refused = cora.post(f"/account/factors/keys/{key.pk}/remove/")
    assert (refused.status_code, "last second factor" in refused.content.decode()) == (403, True)
    assert Authenticator.objects.count() == 1
    nora = make_viewer_client("Nora", "network")
    assert nora.post(f"/account/factors/keys/{key.pk}/remove/").status_code == 404
    assert find_providers() == []
