"""Keys of agents: entered once, never again."""

from datetime import UTC, datetime

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.agents import add_agent, revoke_agent
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SHELL = Speaker(None, "root", None)


@pytest.mark.django_db
def test_a_revoked_key_does_not_come_back() -> None:
    agent = add_agent("web1", "AB" * 32, SHELL, NOW)
    assert (agent.public_key, agent.collector) == ("ab" * 32, False)
    revoke_agent("web1", SHELL, NOW)
    with pytest.raises(Refused, match="this key was entered already"):
        add_agent("web2", "ab" * 32, SHELL, NOW)
    with pytest.raises(Refused, match="this name was entered already"):
        add_agent("web1", "cd" * 32, SHELL, NOW)
    with pytest.raises(WrongUse, match="no agent in use"):
        revoke_agent("web1", SHELL, NOW)
    with pytest.raises(WrongUse, match="no Ed25519 key"):
        add_agent("web3", "ab", SHELL, NOW)
    assert [each.what[:12] for each in LedgerEntry.objects.all()] == ["agent web1 m", "the key of a"]
