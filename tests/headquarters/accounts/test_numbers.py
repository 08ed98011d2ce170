"""Numbers go up, each once."""

from datetime import UTC, datetime

import pytest

from codered_hq.accounts.models import AgentKey
from codered_hq.accounts.numbers import MOST, find_agent, find_newest, take_number
from tests.fixtures.api_callers import Agent


@pytest.mark.django_db
def test_a_number_is_taken_once_and_only_upwards() -> None:
    row, now = Agent("a").row, datetime.now(UTC)
    assert [take_number(row, number, now) for number in (5, 5, 4, 6, MOST)] == [True, False, False, True, True]
    assert (find_newest(row), AgentKey.objects.get().last_used_at) == (MOST, now)
    AgentKey.objects.update(revoked_at=now, newest=0)
    assert (take_number(row, 1, now), find_agent("a"), find_newest(row)) == (False, None, 0)
