"""An incident from the declaration to the end, by its words."""

import json
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from codered_hq.hosts.models import Host
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_declared_led_and_closed(say: Say) -> None:
    assert say("incident", "list").out == "no incidents yet\n"
    made = say("incident", "declare", "out-1", "--title", "Code Red\x1b[31m II", "--pack", "codered2")
    assert (made.code, made.out) == (0, "out-1 is declared (high, TLP:AMBER): 8 tasks opened\n")
    assert "13 roles without people or backup" in made.err
    assert say("incident", "declare", "out-1", "--title", "x").code == 2
    assert say("incident", "step", "out-1", "contain", "--json").code == 0
    assert say("incident", "set", "--impact", "Sales=no shop", "--severity", "critical").code == 0
    for words in ((), ("--impact", "Sales"), ("--report-every", "1s")):
        assert say("incident", "set", *words).code == 2, words
    view = json.loads(say("incident", "list", "--json").out)["incidents"][0]
    assert (view["step"], view["severity"], view["impact"]) == ("contain", "critical", {"Sales": "no shop"})
    assert "\x1b" not in say("incident", "list").out
    host = make_host("srv1", "10.1.0.1")
    Host.objects.update(state="infected")
    refused = say("incident", "close", "out-1")
    assert (refused.code, "1 infected: srv1" in refused.err) == (4, True)
    Host.objects.filter(pk=host.pk).update(state="verified")
    refused = say("incident", "close", "out-1")
    assert (refused.code, "open tasks that are urgent" in refused.err, "no sweep" in refused.err) == (4, True, True)
    closed = say("incident", "close", "out-1", "--leave-open", "they are dealt with by the provider")
    assert (closed.code, closed.out) == (0, "out-1 is closed\n")
    for told in ("left open: no sweep and no scan", "1 not looked at since it was declared: srv1", "256 addresses"):
        assert told in closed.err
    assert say("incident", "set", "out-1", "--severity", "low").code == 4


def test_who_speaks_by_the_environment_stands_in_every_line(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key(tmp_path / "cora")
    known = ("--role", "incident_commander", "--public-key", tmp_path / "cora.pub")
    assert say("incident", "roster", "add", "Cora", *known).code == 0
    monkeypatch.setenv("CODERED_AS", "Cora")
    monkeypatch.setenv("CODERED_KEY", str(tmp_path / "cora"))
    for words in (
        ("incident", "declare", "one", "--title", "x"), ("incident", "step", "one", "contain"),
        ("incident", "set", "one", "--severity", "low"), ("incident", "rumour", "add", "x"),
        ("incident", "notify", "--audience", "executives", "--subject", "x", "--body", "y"),
        ("incident", "lessons", "add", "x", "--owner", "Cora"), ("task", "add", "x", "--action", "call"),
        ("task", "next", "--claim", "--any"),
    ):  # fmt: skip
        assert say(*words).code == 0, words
    assert json.loads(say("incident", "list", "--json").out)["incidents"][0]["declared_by"] == "Cora"
    assert "UTC by Cora; next report" in say("incident", "status").out
    assert set(LedgerEntry.objects.filter(incident="one").values_list("who", flat=True)) == {"Cora", "templates"}


def test_drill_and_real_thing_are_never_mixed_up(say: Say, tmp_path: Path) -> None:
    assert say("incident", "declare", "real", "--title", "x").code == 0
    made = say("incident", "declare", "try", "--title", "x", "--drill")
    assert "try [DRILL] is declared" in made.out
    unclear = say("task", "list")
    assert (unclear.code, "several incidents are open: real, try (DRILL)" in unclear.err) == (2, True)
    assert "DRILL: try is a drill" in unclear.err
    assert say("incident", "step", "try", "contain").out.startswith("try [DRILL]: step contain, ")
    assert say("task", "list", "--incident", "real").code == 0
    assert say("incident", "status", "try", "--html", tmp_path / "s.html").code == 3  # nothing was looked at
    assert "DRILL" in (tmp_path / "s.html").read_text()
