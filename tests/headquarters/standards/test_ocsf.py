"""Every event holds to the schema of OCSF, and a broken one does not."""

import json
from typing import Any

import msgspec
import pytest
from py_ocsf_models.events.findings import detection_finding  # type: ignore[import-untyped]

from codered_hq.model.crisis import CSF
from codered_hq.standards.ocsf import iterate_lines, make_events
from tests.fixtures.happened import EVIL, NOW, make_happenings
from tests.fixtures.ocsf_checking import find_wrongs


def list_events() -> list[dict[str, Any]]:
    return [json.loads(line) for line in iterate_lines(make_happenings())]


def test_every_event_holds_to_the_schema() -> None:
    events = list_events()
    assert {uid: wrong for uid, wrong in enumerate(map(find_wrongs, events)) if wrong} == {}
    counts = {uid: sum(one["class_uid"] == uid for one in events) for uid in (2004, 2005, 7001, 7004)}
    assert counts == {2004: 3, 2005: 1, 7001: 9, 7004: 7}
    assert len({(one["class_uid"], one["metadata"]["uid"]) for one in events}) == len(events)
    assert all(line.isascii() and line.count("\n") == 1 for line in iterate_lines(make_happenings()))
    for event in events:
        csf = next(label for label in event["metadata"]["labels"] if label.startswith("nist-csf:"))
        assert csf.removeprefix("nist-csf:") in CSF.values()
    for event in events:
        if event["class_uid"] == 2004:
            detection_finding.DetectionFinding.model_validate(event)


def test_what_it_says() -> None:
    incident, first, *rest = list_events()
    assert (incident["severity_id"], incident["status_id"], incident["assignee"]) == (5, 2, {"name": "ann"})
    assert incident["start_time"] < incident["time"] < first["metadata"]["logged_time"] == int(NOW.timestamp() * 1000)
    assert [one["related_events_count"] for one in incident["finding_info_list"]] == [1, 1]
    assert first["resources"] == [{
        "uid": "#1", "name": "web1", "type": "host", "criticality": "normal", "ip": "10.0.0.1",
        "labels": ["state:confirmed", "owner:shop"],
    }]  # fmt: skip
    assert (first["finding_info"]["desc"], first["malware"][0]["classification_ids"]) == (EVIL, [22])
    assert "attack:T1190" in first["metadata"]["labels"]
    done = [one for one in rest if "connection_info" in one]
    assert [(one["metadata"]["uid"], one["activity_id"], one["status_id"]) for one in done] == [
        ("c1", 1, 0), ("c2", 1, 1), ("c3", 1, 2), ("c4", 1, 4), ("c5", 1, 1), ("c5/undone", 3, 1), ("c6", 1, 6),
    ]  # fmt: skip
    decided = [one for one in rest if one["metadata"]["uid"].startswith("decision/")]
    assert [(one["activity_id"], one["status_id"]) for one in decided] == [(1, 1), (3, 99), (4, 2), (99, 2)]
    closed = next(iter(make_events(msgspec.structs.replace(make_happenings(), closed_at=NOW, packs=(), drill=True))))
    assert (closed["activity_id"], closed["status_id"], closed["verdict_id"], find_wrongs(closed)) == (3, 5, 6, [])


@pytest.mark.parametrize(
    ("path", "value"),
    [("class_uid", 9), ("time", "now"), ("type_uid", 1), ("severity_id", 7), ("metadata", {}), ("more", 1),
     ("finding_info", None), ("is_alert", 1), ("resources", {}), ("malware", [{"name": "x"}]), ("category_uid", 7)],
)  # fmt: skip
def test_the_check_refuses_a_broken_event(path: str, value: object) -> None:
    event = list_events()[1]
    assert find_wrongs(event) == []
    assert find_wrongs(event | {path: value})
    del event[path if path in event else "metadata"]
    assert path in ("more", "is_alert", "resources", "malware") or find_wrongs(event)
