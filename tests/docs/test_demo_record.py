"""What the demonstration plays is made from a journey's record: what was said there, without paths and real times."""

import json
from pathlib import Path
from typing import Any

import pytest

from codered_hq.drills.demo_record import read_demo_record
from scripts import make_demo_record
from scripts.demo_deeds import list_deeds, list_later, list_people

UID = "0123abcd"


def say(minute: int, who: str, text: str, *more: str, code: int = 0, out: str = "", err: str = "") -> dict[str, Any]:
    """A step; `more` are words with spaces."""
    step = "prepare" if minute == 0 else "detect"
    return {"step": step, "minute": minute, "who": who, "what": "", "words": ["codered", *text.split(), *more],
            "exit_code": code, "stdout": out, "stderr": err}  # fmt: skip


def make_host(name: str, address: str, **more: object) -> dict[str, Any]:
    """As `codered hosts show --json` tells it; an entry of the inventory has much besides."""
    return {"name": name, "owner": "Web team", "criticality": "normal", "system": "", "tags": [], "state": "unknown",
            "addresses": [{"address": address, "mac": "02:00:00:00:00:01"}], "places": [], "swept": [],
            "number": 7} | more  # fmt: skip


SCANNED = {"uid": "77", "hosts": [{"name": "web2", "verdict": "infected"}]}
STEPS = [
    say(0, "headquarters", "incident roster add Cora --role incident_commander"),
    say(0, "Cora", "incident roster add Nora --role network"),
    say(0, "Nora", "incident roster add Nora --role business", code=4),
    say(0, "Cora", "incident roster add Edda --role executive"),
    say(0, "Cora", "incident roster add Bea --role business"),
    say(3, "Cora", "incident declare outbreak --pack codered2 --severity high --title T --summary S"),
    say(18, "headquarters", "sweep --all --authorisation LAB/authorisation.yaml", code=1),
    say(33, "headquarters", "fleet scan web2 --json", code=1, out=json.dumps(SCANNED)),
    say(41, "Nora", "contain host web1 --reason", "it spreads", code=5, out="isolate-vital", err=f"approve yes {UID}"),
    say(41, "Nora", f"approve yes {UID}", code=4),
    say(41, "Edda", f"approve yes {UID}", code=5),
    say(41, "Cora", f"approve yes {UID}"),
    say(41, "headquarters", "contain list"),
    say(52, "Cora", "contain release web1 --reason", "proved clean"),
    say(52, "headquarters", "hosts show"),
]  # fmt: skip
SEEN = {"address": "10.0.0.1", "state": "infected", "reason": "codered2/x: it answers", "product": "Microsoft-IIS 5.0",
        "packs": ["codered2"], "at": "2026-11-23T10:39:00Z"}  # fmt: skip
FINDING = {"id": "f", "pack": "kinsing", "indicator": "i", "layer": "files", "confidence": "confirmed",
           "severity": "high", "because": "B", "subject": {"kind": "file", "path": "/etc/kinsing", "path_raw": "x"},
           "evidence": [{"what": "w"}]}  # fmt: skip
RANGE = {"range": "10.0.0.0/24", "name": "servers", "zone": "inside", "site": "here", "owner": "Web team",
         "documented": True, "counts": {"answered": 2}, "reasons": {}}  # fmt: skip
RECORD = {
    "format": make_demo_record.JOURNEY, "steps": STEPS, "swept": [SEEN],
    "coverage": {"subnets": [RANGE], "unknown": []},
    "hosts": [
        make_host("web1", "10.0.0.1", tags=["vital"], state="closed", swept=[SEEN | {"state": "clean"}],
                  places=[{"switch": "sw1", "port": "ge-0-1", "vlan": 20, "description": "rack 1", "macs": 1}]),
        make_host("web2", "10.0.0.2"), make_host("router.corp.example", "10.0.0.254"),
        make_host("10.0.0.9", "10.0.0.9"),
    ],
    "fleet": {"runs": [{"uid": "77", "ended": "2026-11-23T10:40:00Z"}]},
    "findings": [
        {"host": "web2", "first_seen": "2026-11-23T10:39:59Z", "finding": FINDING},
        {"host": "web1", "first_seen": "2026-11-23T10:41:59Z", "finding": FINDING},
        {"host": "web2", "first_seen": "2026-11-23T10:39:59Z", "finding": None},
    ],
}  # fmt: skip
PLAN = {
    "owners": [{"name": "Web team", "mail": "web@corp.example"}, {"name": "Nobody here"}],
    "zones": [{"name": "inside", "kind": "open"}], "switches": [{"name": "sw1", "address": "10.0.0.253", "place": "x"}],
    "subnets": [{"range": "10.0.0.0/24", "vlan": 20}],
}  # fmt: skip


def test_a_journeys_record_becomes_one_that_is_read_strictly() -> None:
    text = make_demo_record.write_record(make_demo_record.make_demo_record(RECORD, PLAN))
    made = read_demo_record(text.encode())
    assert "LAB" not in text
    assert "2026" not in text
    web1, web2, _, unnamed = made.hosts
    assert (web1.label, web1.switch, web1.port, web1.socket) == ("web1", "sw1", "ge-0-1", "rack 1")
    assert (web1.seen, web1.packs, web1.infected, web1.found) == ("infected", ("codered2",), 0, 18), "as it was then"
    assert (web2.seen, web2.infected, web2.found, web2.ends) == ("", 0, 33, "")
    assert (unnamed.name, unnamed.label, web1.ends) == ("", "10.0.0.9", "closed")
    assert [(one.host, one.pack, one.subject.path) for one in made.findings] == [("web2", "kinsing", "/etc/kinsing")]
    assert [one.name for one in made.owners] == ["Web team"]
    assert [one.name for one in made.switches] == ["sw1", "router"]
    assert (made.waits.host, made.waits.who) == ("web1", "Cora")
    assert made.states.infected == ("web2",)
    assert (made.states.suspect, made.states.contained, made.states.awaiting) == (("web1",), (), ("web1",))


def test_deeds_come_in_order_and_looks_are_none() -> None:
    deeds = list_deeds(STEPS)
    assert [(deed["do"], deed["who"]) for deed in deeds] == [
        ("declare", "Cora"), ("sweep", "headquarters"), ("scan", "headquarters"), ("contain", "Nora"), ("yes", "Nora"),
        ("yes", "Edda"), ("yes", "Cora"),
    ]  # fmt: skip
    assert [deed["answer"] for deed in deeds[3:]] == ["awaiting", "refused", "awaiting", "allowed"]
    assert {deed["host"] for deed in deeds[3:]} == {"web1"}
    assert deeds[3]["rule"] == "isolate-vital"
    assert [one["text"] for one in list_later(STEPS)] == ["Cora lets web1 back: proved clean."]
    assert list_people(STEPS) == [
        {"name": "Cora", "role": "incident_commander"}, {"name": "Nora", "role": "network", "by": "Cora"},
        {"name": "Edda", "role": "executive", "by": "Cora"}, {"name": "Bea", "role": "business", "by": "Cora"},
    ]  # fmt: skip


def test_another_file_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, shipped = tmp_path / "x.json", tmp_path / "journey.json"
    monkeypatch.setattr(make_demo_record, "SHIPPED", shipped)
    for said in ({"format": "codered/report/1"}, {"format": make_demo_record.JOURNEY}):
        path.write_text(json.dumps(said))
        assert make_demo_record.main([str(path)]) == 2
    assert make_demo_record.main([]) == 2
    monkeypatch.setattr(make_demo_record, "MOST_BYTES", 10)
    path.write_text(json.dumps(RECORD))
    assert make_demo_record.main([str(path)]) == 1
    assert not shipped.exists()


def test_the_shipped_one_is_small() -> None:
    assert make_demo_record.SHIPPED.stat().st_size <= make_demo_record.MOST_BYTES
