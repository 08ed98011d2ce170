"""What accounts are called."""

import pytest
from django.db import IntegrityError, transaction

from codered_hq.accounts.models import Account, AgentKey, Invite, Token
from tests.fixtures.console_desk import make_account, make_person


@pytest.mark.django_db
def test_names_and_one_account_for_a_person() -> None:
    account = make_account(make_person("Cora"))
    assert (str(account), str(Token(name="siem")), str(AgentKey(name="web1"))) == ("cora", "siem", "web1")
    assert str(Invite(name="Ned")) == "invitation of Ned"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_account(account.person, name="cora2")
    assert Account.objects.count() == 1
