"""Tokens: what they open, for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.models import Token
from codered_hq.accounts.scopes import check_token, make_token, revoke_token
from codered_hq.incidents.people import Speaker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SHELL = Speaker(None, "root", None)


def test_a_token_opens_its_scopes_until_it_ends() -> None:
    token, secret = make_token("siem", ["status:read", "ingest"], SHELL, NOW, 1)
    assert token.scopes == ["ingest", "status:read"]
    check_token(secret, "ingest", NOW)
    assert Token.objects.get().last_used_at == NOW
    check_token(secret, "ingest", NOW + timedelta(seconds=30))
    assert Token.objects.get().last_used_at == NOW
    for wrong, scope, at, told in (
        (secret, "actions:ask", NOW, "may not actions:ask"), (secret, "ingest", NOW + timedelta(days=1), "expired"),
        (secret[:-1], "ingest", NOW, "not known"), ("", "ingest", NOW, "not known"),
        ("crt_\udcff", "ingest", NOW, "not known"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=told):
            check_token(wrong, scope, at)
    revoke_token("siem", SHELL, NOW)
    with pytest.raises(Refused, match="not known"):
        check_token(secret, "ingest", NOW)


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [("", ["ingest"], 1), ("x", [], 1), ("x", ["*"], 1), ("x", ["ingest"], 0)]
)
def test_what_no_token_can_be(name: str, scopes: list[str], days: int) -> None:
    with pytest.raises(WrongUse):
        make_token(name, scopes, SHELL, NOW, days)
    assert not Token.objects.exists()
