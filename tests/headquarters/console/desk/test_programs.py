"""Tokens and agents' keys on the desk."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.scopes import check_token
from codered_hq.console.desk import programs
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
    for wrong in ({"name": "x", "scope": ["all"]}, {"name": "x", "scope": ["ingest"], "days": "99999"}, {"name": ""}):
        assert cora.post("/admin/programs/token/", wrong).status_code == 400
    assert cora.post("/admin/programs/token/revoke/", {"name": "siem"}).status_code == 303
    assert cora.post("/admin/programs/token/revoke/", {"name": "siem"}).status_code == 409


def test_an_agents_key_is_entered_and_revoked(cora: Client) -> None:
    said = {"name": "web1", "public_key": "ab" * 32}
    assert cora.post("/admin/programs/agent/", said).status_code == 303
    assert cora.post("/admin/programs/agent/", said).status_code == 403
    assert cora.post("/admin/programs/agent/", {"name": "web2", "public_key": "zz"}).status_code == 400
    assert cora.post("/admin/programs/agent/revoke/", {"name": "web1"}).status_code == 303
    assert AgentKey.objects.get().revoked_at is not None
    assert cora.post("/admin/programs/agent/revoke/", {"name": "web1"}).status_code == 409


@pytest.mark.parametrize(
    ("where", "said", "field", "told"),
    [
        ("token", {"name": "<i>", "scope": ["ingest"], "days": "many"}, "days-error", "is no number of days"),
        ("token", {"name": "<i>", "scope": ["ingest"], "days": "999"}, "days-error", "1 to 366 days"),
        ("token", {"name": "<i>", "days": "9"}, "scope-error", "is no scope"),
        ("token", {"name": "-<i>", "scope": ["ingest"], "days": "9"}, "token-name-error", "is no name"),
        ("agent", {"name": "<i>", "public_key": "<i>", "collector": "on"}, "key-error", "no Ed25519 key"),
        ("agent", {"name": "-<i>", "public_key": "ab" * 32}, "agent-name-error", "is no name"),
    ],
)
def test_what_was_typed_stays(cora: Client, where: str, said: dict[str, str], field: str, told: str) -> None:
    answer = cora.post(f"/admin/programs/{where}/", said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert re.search(rf'id="{field}">[^<]*{told}', page), page
    assert page.count('class="error"') == 1
    assert f'value="{said["name"].replace("<i>", "&lt;i&gt;")}"' in page
    assert page.count(" checked") == ("scope" in said) + ("collector" in said)
    assert "<i>" not in page


def test_long_lists_say_that_they_are_cut(cora: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST", 2)
    for number in range(3):
        cora.post("/admin/programs/token/", {"name": f"t{number}", "scope": ["ingest"], "days": "7"})
        cora.post("/admin/programs/agent/", {"name": f"a{number}", "public_key": f"{number}a" * 32})
    page = cora.get("/admin/programs/").content.decode()
    assert page.count("the 2 newest of 3") == 2
    assert (">t2<" in page, ">t0<" in page, page.count("in use: revoke")) == (True, False, 4)
