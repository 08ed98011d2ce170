"""Tasks by their words."""

import json
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from codered_hq.incidents.people import find_account
from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_next_claimed_blocked_done(say: Say, tmp_path: Path) -> None:
    make_key(tmp_path / "ben")
    account, key = ("--account", find_account()), ("--public-key", tmp_path / "ben.pub")
    assert say("incident", "roster", "add", "Ann", "--role", "network", *account).code == 0
    assert say("incident", "roster", "add", "Ben", "--role", "legal", *key).code == 0
    ben = ("--as", "Ben", "--key", tmp_path / "ben")
    assert say("task", "list").code == 2  # no incident is open
    early = say("task", "next")
    assert (early.code, "no incident is open, so there is no task" in early.err) == (3, True)
    assert say("incident", "declare", "one", "--title", "x").code == 0
    first = json.loads(say("task", "next", "--claim", "--json").out)
    assert (first["role"], first["owner"], first["state"]) == ("network", "Ann", "claimed")
    none = say("task", "next", *ben, "--json")
    assert (none.code, none.out, "no task of legal is free" in none.err) == (3, "null\n", True)
    assert say("task", "next", "--any", *ben).code == 0
    number = f"{first['number']}"
    held = say("task", "claim", number, *ben)
    assert (held.code, "Ann has it until" in held.err) == (4, True)
    assert say("task", "done", number, *ben).code == 4
    assert say("task", "take-over", "Ann", *ben).out == "1 task of Ann taken over\n"
    assert say("task", "block", number, "--why", "no password", *ben).code == 0
    assert "no password" in say("task", "list").out
    assert say("task", "claim", number).err == ""
    other = say("task", "claim", f"{json.loads(say('task', 'next', '--any', '--json', *ben).out)['number']}", *ben)
    assert (other.code, "; you are legal" in other.err) == (0, True)
    assert say("task", "done", number, "--result", "all named").code == 0
    assert say("task", "drop", number, "--why", "x").code == 4
    add = ("task", "add", "Call the\x1b provider", "--action", "call", "--target", "provider", "--due", "30m")
    made = say(*add, "--role", "legal", "--priority", "1")
    assert (made.code, "\x1b" in made.out) == (0, False)
    twice = say(*add)
    assert (twice.code, "already: call provider" in twice.err) == (4, True)
    listed = json.loads(say("task", "list", "--all", "--role", "legal", "--json").out)["tasks"]
    assert [(task["target"], task["step"]) for task in listed] == [("provider", "detect")]
    assert json.loads(say("task", "list", "--mine", "Ann", "--json").out)["tasks"] == []
    for words in (("claim", "99"), ("claim", "x"), ("block", number), ("add", "x"), ("list", "--mine", "Nobody")):
        assert say("task", *words).code == 2, words
