"""Ending accounts: what goes with them, and who comes back begins anew."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.inviting import invite
from codered_hq.accounts.joining import Joining, join
from codered_hq.accounts.managing import disable, find_account, has_factor, reset
from codered_hq.incidents.people import Speaker
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db


def test_who_comes_back_begins_with_new_factors() -> None:
    now = datetime.now(UTC)
    person = make_person("Cora", "incident_commander")
    make_account(person, administrator=True)
    cora, nora = Speaker(person, "Cora", None), make_person("Nora")
    make_account(nora)
    account = find_account("NORA")
    disable(account, cora, now)
    with pytest.raises(Refused, match="was disabled"):
        reset(find_account("nora"), cora, now)
    nora.refresh_from_db()
    join(invite(nora, False, cora, now).split("/")[2], Joining("x", "a long walk home"), now)
    account = find_account("nora")
    assert (account.disabled_at, account.user.is_active, has_factor(account.user)) == (None, True, False)


def test_reset_ends_password_and_factors() -> None:
    now = datetime.now(UTC)
    account = make_account(None)
    account.user.set_password("correct horse battery")
    reset(account, Speaker(None, "root", None), now)
    assert not account.user.has_usable_password()
    assert not Authenticator.objects.exists()
    with pytest.raises(WrongUse, match="no account is called so"):
        find_account("nobody")
