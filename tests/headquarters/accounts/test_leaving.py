"""Who leaves leaves nothing behind that opens anything, and comes back with nothing."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator

from codered.model.errors import Refused
from codered_hq.accounts.agents import add_agent
from codered_hq.accounts.inviting import invite
from codered_hq.accounts.joining import Joining, join
from codered_hq.accounts.leaving import leave_team
from codered_hq.accounts.managing import disable
from codered_hq.accounts.models import Account, AgentKey, Invite
from codered_hq.accounts.scopes import check_token, find_tokens, make_token
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import PersonCard, Speaker, add_person
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db
PASSWORD = "a long walk home"


def make_team() -> tuple[Speaker, Account]:
    """Cora appoints and administers; Nora has an account and administers too."""
    cora, nora = make_person("Cora", "incident_commander"), make_person("Nora", "network")
    make_account(cora, administrator=True)
    account = make_account(nora, administrator=True)
    account.user.set_password(PASSWORD)
    account.user.save()
    return Speaker(cora, "Cora", None), account


def test_who_is_entered_again_begins_anew() -> None:
    now = datetime.now(UTC)
    cora, account = make_team()
    before = account.user.get_session_auth_hash()
    leave_team("Nora", now, cora)
    nora = add_person(PersonCard(name="Nora"), now, cora)
    account = Account.objects.get(person=nora)
    assert (nora.active, nora.console_since, account.disabled_at) == (True, None, now)
    assert (account.user.is_active, account.user.check_password(PASSWORD)) == (False, False)
    join(invite(nora, False, cora, now).split("/")[2], Joining("x", PASSWORD), now)
    account = Account.objects.get(person=nora)
    assert (account.administrator, account.user.get_session_auth_hash() == before) == (False, False)
    assert not Authenticator.objects.filter(user=account.user).exists()


def test_a_link_that_waited_is_void_and_the_last_administrator_stays() -> None:
    now = datetime.now(UTC)
    cora, _ = make_team()
    invite(Person.objects.create(name="Max"), False, cora, now)
    leave_team("max", now, cora)
    assert not Invite.objects.exists()
    leave_team("Nora", now, cora)
    make_person("Edda", "executive")
    with pytest.raises(Refused, match="last who administers the console"):
        leave_team("Cora", now, Speaker(Person.objects.get(name="Edda"), "Edda", None))
    assert Person.objects.get(name="Cora").active


@pytest.mark.parametrize("how", ["leaves", "disabled"])
def test_tokens_end_with_who_made_them_and_agents_are_named_for_a_decision(how: str) -> None:
    now = datetime.now(UTC)
    cora, account = make_team()
    nora = Speaker(account.person, "Nora", None)
    _, secret = make_token("siem", ["ingest"], nora, now)
    _, kept = make_token("soar", ["ingest"], cora, now)
    add_agent("web1", "ab" * 32, nora, now)
    check_token(secret, "ingest", now)
    if how == "leaves":
        leave_team("Nora", now, cora)
    else:
        disable(account, cora, now)
    with pytest.raises(Refused, match="not known"):
        check_token(secret, "ingest", now)
    assert check_token(kept, "ingest", now).name == "soar"
    assert AgentKey.objects.get().is_to_decide
    told = list(LedgerEntry.objects.filter(kind="console").values_list("what", flat=True))
    assert any(what.startswith("token siem ended with") for what in told)
    assert any(what.endswith("decide on web1") for what in told)


def test_a_token_holds_no_longer_than_its_maker_whoever_ended_him() -> None:
    now = datetime.now(UTC)
    _, account = make_team()
    _, secret = make_token("siem", ["ingest"], Speaker(account.person, "Nora", None), now)
    Person.objects.filter(name="Nora").update(active=False)
    with pytest.raises(Refused, match="who made this token is gone"):
        check_token(secret, "ingest", now)
    assert not find_tokens(now).exists()
