"""`codered account`: its words."""

import pytest

from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_each_word_says_what_it_is_for(say: Say) -> None:
    whole = say("account", "--help")
    for word in ("list", "invite", "disable", "reset", "token", "agent"):
        assert word in whole.out
        assert say("account", word, "--help").code == 0
    assert say("account", "token", "make", "siem").code == 2
    assert say("account", "agent", "add", "web1").code == 2
