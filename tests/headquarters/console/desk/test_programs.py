"""Tokens and agents' keys on the desk."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.scopes import check_token
from tests.fixtures.console_desk import make_viewer_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora() -> Client:
    return make_viewer_client("Cora", "incident_commander", administrator=True)


def test_a_token_is_shown_once_and_ends(cora: Client) -> None:
    shown = cora.post("/admin/programs/token/", {"name": "siem", "scope": ["findings:read"], "days": "7"})
    secret = re.search(r"crt_[\w-]+", shown.content.decode())
    assert secret
    assert "crt_" not in cora.get("/admin/programs/").content.decode()
    assert check_token(secret[0], "findings:read", datetime.now(UTC)).name == "siem"
    assert secret[0] not in str(Token.objects.values().get())
    for wrong in ({"name": "x", "scope": ["all"]}, {"name": "x", "scope": ["ingest"], "days": "9999"}, {"name": ""}):
        assert cora.post("/admin/programs/token/", wrong).status_code == 400
    assert cora.post("/admin/programs/token/revoke/", {"name": "siem"}).status_code == 303
    assert cora.post("/admin/programs/token/revoke/", {"name": "siem"}).status_code == 400


def test_an_agents_key_is_entered_and_revoked(cora: Client) -> None:
    said = {"name": "web1", "public_key": "ab" * 32}
    assert cora.post("/admin/programs/agent/", said).status_code == 303
    assert cora.post("/admin/programs/agent/", said).status_code == 403
    assert cora.post("/admin/programs/agent/", {"name": "web2", "public_key": "zz"}).status_code == 400
    assert cora.post("/admin/programs/agent/revoke/", {"name": "web1"}).status_code == 303
    assert AgentKey.objects.get().revoked_at is not None
