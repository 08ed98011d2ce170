"""Whether one lost telephone leaves the team without anybody who may appoint."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from codered_hq.accounts.models import Account
from codered_hq.accounts.standing import count_codes, find_weakness
from codered_hq.incidents.models import Person
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db


def test_one_who_appoints_is_too_few() -> None:
    now = datetime.now(UTC)
    assert find_weakness(now) == ""  # nobody proves himself: the shell may
    cora = make_person("Cora", "incident_commander")
    account = make_account(cora)
    assert "Cora alone may appoint" in find_weakness(now)
    assert "no recovery codes" in find_weakness(now)
    codes = RecoveryCodes.activate(account.user)
    assert "10 recovery codes left" in find_weakness(now)
    assert codes.validate_code(codes.get_unused_codes()[0])
    assert "9 recovery codes left" in find_weakness(now)
    make_account(make_person("Nora", "network"))
    assert find_weakness(now)
    make_account(make_person("Eve", "executive"))
    assert find_weakness(now) == ""


def test_who_has_another_proof_needs_no_codes() -> None:
    cora = make_person("Cora", "incident_commander")
    make_account(cora)
    Person.objects.filter(pk=cora.pk).update(account="root")
    assert find_weakness(datetime.now(UTC)) == ""


def test_codes_of_a_disabled_account_are_none() -> None:
    cora = make_person("Cora", "incident_commander")
    account = make_account(cora)
    RecoveryCodes.activate(account.user)
    assert (count_codes(cora), Authenticator.objects.count()) == (10, 2)
    Account.objects.update(disabled_at=datetime.now(UTC))
    assert count_codes(cora) == 0
