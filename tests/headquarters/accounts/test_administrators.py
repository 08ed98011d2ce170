"""Who administers the console."""

from datetime import UTC, datetime

import pytest

from codered.model.errors import Refused
from codered_hq.accounts.administrators import check_administrator, find_speakers_account, has_administrator
from codered_hq.accounts.models import Account
from codered_hq.incidents.people import Speaker
from tests.fixtures.console_desk import make_account, make_person

SHELL = Speaker(None, "root", None)


@pytest.mark.django_db
def test_the_shell_administers_until_somebody_does() -> None:
    check_administrator(SHELL, "a token")
    account = make_account(None, administrator=True)
    with pytest.raises(Refused, match="root does not administer"):
        check_administrator(SHELL, "a token")
    check_administrator(Speaker(None, "looker", None, "console: looker"), "a token")
    nora = make_person("Nora")
    make_account(nora)
    for speaker in (Speaker(nora, "Nora", None), Speaker(None, "looker", None, "console: nora")):
        with pytest.raises(Refused):
            check_administrator(speaker, "a token")
    Account.objects.filter(pk=account.pk).update(disabled_at=datetime.now(UTC))
    assert find_speakers_account(Speaker(None, "looker", None, "console: looker")) is None
    assert not has_administrator()
