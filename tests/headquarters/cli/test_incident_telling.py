"""The timeline and the handover, by their words."""

import json

import pytest

from codered_hq.incidents.people import find_account
from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_told_in_order_and_handed_over(say: Say) -> None:
    account = ("--account", find_account())
    assert say("incident", "roster", "add", "Ann", "--role", "scribe", *account).code == 0
    assert say("incident", "roster", "add", "Ben").code == 0
    assert say("incident", "declare", "one", "--title", "x").code == 0
    assert say("task", "next", "--any", "--claim").code == 0
    assert say("incident", "handover", "--to", "Nobody").code == 2
    over = say("incident", "handover", "--to", "Ben")
    assert (over.code, "Ann handed over to Ben: scribe, 1 task" in over.err) == (0, True), over.err
    assert over.out.startswith("HANDOVER one, step detect, ")
    assert "decisions waiting: none" in over.out
    shown = say("incident", "timeline")
    assert (shown.code, "incident one declared: x" in shown.out) == (0, True)
    whole = json.loads(say("incident", "timeline", "--json").out)["happenings"]
    assert [each["at"] for each in whole] == sorted(each["at"] for each in whole)
    assert json.loads(say("incident", "timeline", "--since", "2099-01-01", "--json").out)["happenings"] == []
    assert len(json.loads(say("incident", "timeline", "--since", "1h", "--json").out)["happenings"]) == len(whole)
    assert say("incident", "timeline", "--since", "x").code == 2
    page = json.loads(say("incident", "handover", "--to", "Ben", "--json").out)
    assert (page["roles"], page["page"]["incident"]) == (["scribe"], "one")  # the standing one stays Ann's
