"""Tokens and agents' keys by words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.signing.keys import make_key
from codered_hq.accounts.models import AgentKey
from codered_hq.accounts.scopes import check_token
from tests.fixtures.console_desk import make_account, make_person
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_a_token_is_printed_once_and_revoked(say: Say) -> None:
    made = json.loads(say("account", "token", "make", "siem", "--scope", "ingest", "--for", "7d", "--json").out)
    assert check_token(made["token"], "ingest", datetime.now(UTC)).name == "siem"
    with pytest.raises(Refused, match="may not hosts:read"):
        check_token(made["token"], "hosts:read", datetime.now(UTC))
    listed = say("account", "token", "list")
    assert ("siem" in listed.out, made["token"] in listed.out) == (True, False)
    assert say("account", "token", "make", "siem", "--scope", "ingest").code == 4
    assert say("account", "token", "make", "x", "--scope", "all").code == 2
    assert say("account", "token", "make", "x", "--scope", "ingest", "--for", "90m").code == 2
    assert say("account", "token", "revoke", "siem").code == 0
    with pytest.raises(Refused, match="not known"):
        check_token(made["token"], "ingest", datetime.now(UTC))
    assert len(json.loads(say("account", "token", "list", "--json").out)["tokens"]) == 1


def test_an_agent_is_entered_and_revoked(say: Say, tmp_path: Path) -> None:
    make_key(tmp_path / "agent.key")
    public = str(tmp_path / "agent.key.pub")
    assert say("account", "agent", "add", "web1", "--public-key", public, "--collector").code == 0
    assert (AgentKey.objects.get().collector, AgentKey.objects.get().revoked_at) == (True, None)
    assert say("account", "agent", "add", "web2", "--public-key", public).code == 4
    assert "others" in say("account", "agent", "list").out
    assert say("account", "agent", "revoke", "web1").code == 0
    assert json.loads(say("account", "agent", "list", "--json").out)["agents"][0]["revoked_at"]


def test_once_somebody_administers_the_shell_alone_may_not(say: Say) -> None:
    make_account(make_person("Cora", "incident_commander"), administrator=True)
    answer = say("account", "token", "make", "siem", "--scope", "ingest")
    assert (answer.code, "does not administer the console" in answer.err) == (4, True)
