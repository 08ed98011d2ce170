"""Rumours and lessons by their words."""

import json

import pytest

from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_a_rumour_is_answered(say: Say) -> None:
    assert say("incident", "declare", "one", "--title", "x").code == 0
    made = json.loads(say("incident", "rumour", "add", "the wages\x1b are gone", "--from", "canteen", "--json").out)
    open_one = say("incident", "rumour", "list")
    assert (open_one.code, "\x1b" in open_one.out) == (3, False)
    check = ("incident", "rumour", "check", f"{made['number']}")
    assert say(*check, "--answer", "x").code == 2  # true or false?
    assert say(*check, "--false", "--answer", "they are safe").code == 0
    assert say(*check, "--true", "--answer", "x").code == 4
    assert (say("incident", "rumour", "list", "--json").code, say("incident", "rumour", "check", "99").code) == (0, 2)


def test_a_lesson_closes_only_with_proof(say: Say) -> None:
    assert say("incident", "declare", "one", "--title", "x").code == 0
    made = json.loads(say("incident", "lessons", "add", "Ports were open", "--due", "2001-07-19", "--json").out)
    number = f"{made['number']}"
    late = say("incident", "lessons", "list")
    assert (late.code, "open LATE" in late.out) == (3, True)
    blocked = say("incident", "close", "one")
    assert (blocked.code, f"1 without an owner: lesson {number}" in blocked.err) == (4, True)
    assert say("incident", "lessons", "change", number, "--owner", "ann").code == 0
    closing = ("incident", "lessons", "close", number, "--control", "port security")
    refused = say(*closing)
    assert (refused.code, "it needs a proof, a day to come" in refused.err) == (4, True)
    assert say(*closing, "--proof", "config of sw1", "--recheck", "2001-07-19").code == 4
    assert say(*closing, "--proof", "config of sw1", "--recheck", "soon").code == 2
    assert say(*closing, "--proof", "config of sw1", "--recheck", "90d").code == 0
    assert say("incident", "lessons", "list", "--json").code == 0
