"""`codered approve`: its words."""

import pytest

from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_each_word_says_what_it_is_for(say: Say) -> None:
    whole = say("approve", "--help")
    for word in ("list", "why", "yes", "no", "glass"):
        assert word in whole.out
        assert say("approve", word, "--help").code == 0
    assert say("approve", "yes").code == 2
    assert say("approve", "glass", "abcdef").code == 2
