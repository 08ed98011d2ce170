"""Decisions about hosts and evidence, by their words."""

import json
from pathlib import Path

import pytest

from codered_hq.fleet.models import HostCase
from tests.fixtures.evidence import make_container
from tests.fixtures.gate_crew import NOW
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_decided_with_what_is_known_in_view(say: Say, tmp_path: Path) -> None:
    host = make_host("srv1", "10.1.0.1")
    HostCase.objects.create(host=host, opened_at=NOW, reopened=1)
    treat = ("incident", "treat", "srv1")
    assert say(*treat, "clean", "--reason", "x").code == 2  # no incident is open
    assert say("incident", "declare", "one", "--title", "x").code == 0
    short = say(*treat, "clean", "--reason", "we can")
    assert (short.code, "rebuild advised: it was infected again 1 times" in short.err) == (2, True)
    assert say(*treat, "live-with-it", "--reason", "it runs the plant until Friday", "--legal-hold").code == 0
    held = say(*treat, "rebuild", "--reason", "x")
    assert (held.code, "legal hold" in held.err) == (4, True)
    assert say(*treat, "rebuild", "--reason", "x", "--no-legal-hold").code == 4
    assert say("incident", "evidence", "srv1", "--container", "c", "--head", "x").code == 2
    noted = say("incident", "evidence", f"#{host.pk}", "--container", "/c.cre", "--json", "--elsewhere")
    document = json.loads(noted.out)
    assert (noted.code, document["container"], document["checked"]) == (0, "/c.cre", False)
    gone = say("incident", "evidence", "srv1", "--container", "/nonexistent/c.cre")
    assert (gone.code, "no evidence container: No such file" in gone.err, "--elsewhere" in gone.err) == (2, True, True)
    told = say("incident", "evidence", "srv1", "--container", "safe 3", "--elsewhere")
    assert "srv1: evidence noted, NOT checked: safe 3" in told.out
    kept = say("incident", "evidence", "srv1", "--container", make_container(tmp_path))
    assert (kept.code, "evidence saved, its custody chain read: " in kept.out, ", head " in kept.out) == (0, True, True)
    done = json.loads(say(*treat, "rebuild", "--reason", "x", "--json").out)
    assert (done["treatment"], done["legal_hold"], done["advice"]) == (
        "rebuild", True, ["it was infected again 1 times"],
    )  # fmt: skip
    assert say("incident", "treat", "nobody", "clean", "--reason", "x").code == 2
