"""The words of `codered fleet`."""

import pytest

from codered_hq.cli.fleet import command
from tests.fixtures.saying import Say


def test_every_word_is_listed_and_explains_itself(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("scan", "plan", "apply", "verify", "rollback", "status", "trust", "take", "run-queue", "schedule")
    assert tuple(command.commands) == words
    for word in words:
        told = say("fleet", word, "--help")
        assert (told.code, len(told.out) > 200) == (0, True), word
