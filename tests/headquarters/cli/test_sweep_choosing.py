"""One thing at a time."""

import pytest

from tests.headquarters.conftest import Say


@pytest.mark.django_db
def test_one_thing_at_a_time(say: Say) -> None:
    for words in (("--list", "--show", "x"), ("--coverage", "--bundle"), ("--resume", "x", "--merge", "y")):
        answer = say("sweep", *words)
        assert (answer.code, f"{words[0]} and" in answer.err or "are different things" in answer.err) == (2, True)
    assert "takes no subnets" in say("sweep", "--merge", "x", "10.0.0.0/8").err
    assert say("sweep", "--coverage", "10.0.0.0/30").code == 3
