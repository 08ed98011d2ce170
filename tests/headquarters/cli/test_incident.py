"""The words of `codered incident`, and what they say when they are not understood."""

import json

import pytest

from tests.fixtures.saying import Say

WORDS = (
    "declare", "list", "status", "export", "timeline", "step", "set", "close", "roster", "treat", "evidence", "notify",
    "message", "rumour", "handover", "lessons",
)  # fmt: skip


def test_every_word_has_help(say: Say) -> None:
    shown = say("incident", "--help")
    assert (shown.code, [word for word in WORDS if word not in shown.out]) == (0, [])


@pytest.mark.django_db
def test_status_is_one_document_and_wrong_words_are_refused(say: Say) -> None:
    assert say("incident", "declare", "one", "--title", "x", "--severity", "low").code == 0
    status = say("incident", "status", "--json")
    assert (status.code, "one" in status.out) == (3, True)
    assert json.loads(status.out)
    assert say("incident", "status", "--executive").out
    for words in (
        ("declare", "two"), ("declare", "two", "--title", "x", "--severity", "awful"), ("step", "one", "party"),
        ("status", "nothing"), ("export",), ("close",), ("treat", "x", "burn", "--reason", "x"),
    ):  # fmt: skip
        assert say("incident", *words).code == 2, words
