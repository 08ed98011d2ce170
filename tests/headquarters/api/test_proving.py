"""As whom a token asks; the rest is seen through the pages: test_ingesting, test_reading."""

from datetime import UTC, datetime, timedelta

import pytest

from codered_hq.accounts.models import Token
from codered_hq.api.proving import Caller
from codered_hq.incidents.models import Person
from tests.fixtures.api_callers import make_program, make_secret
from tests.fixtures.console_desk import make_person


@pytest.mark.django_db
def test_who_made_the_token_is_the_requester_while_he_is_in_the_team() -> None:
    ada = make_person("Ada")
    make_secret(made_by="Ada")
    caller = Caller("token soar", datetime.now(UTC), token=Token.objects.get())
    speaker = caller.make_speaker()
    assert (speaker.person, speaker.name, speaker.session) == (ada, "token soar", "api: token soar")
    Person.objects.update(active=False)
    assert caller.make_speaker().person is None


@pytest.mark.django_db
def test_a_token_that_is_over_proves_nobody() -> None:
    program = make_program("hosts:read")
    Token.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    answer = program.get("/api/v1/hosts")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="codered"')
