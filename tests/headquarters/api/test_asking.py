"""Actions are asked for as every change is: by the rules, with approvals, once a key."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from codered_hq.accounts.models import AskedKey
from codered_hq.config import Config
from codered_hq.containment.acting import carry_out
from codered_hq.gate.models import Decision
from codered_hq.hosts.marking import mark_hosts
from codered_hq.incidents.models import Incident
from tests.fixtures.api_callers import JSON, make_program
from tests.fixtures.console_desk import make_person
from tests.fixtures.gate_crew import declare
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_router
from tests.headquarters.containment.conftest import played  # noqa: F401 - devices of the test, rules in force

CONFIG = Config(devices=(make_router("r1"),))
ACTIONS = "/api/v1/actions"
WISH = {"do": "contain", "host": "worm", "reason": "it scans"}


@pytest.fixture
def crew(played: PlayedDevices, monkeypatch: pytest.MonkeyPatch) -> PlayedDevices:  # noqa: F811
    """A router, an infected host, an open incident, and somebody who made the token."""
    monkeypatch.setattr("codered_hq.api.asking.read_config", lambda _folder: CONFIG)
    make_host("worm", "10.9.9.9")
    declare("red")
    make_person("Ada")
    return played


def ask(client: Client, key: str = "", **changed: Any) -> Any:  # noqa: ANN401 - as the client gives it
    headers = {"idempotency-key": key} if key else {}
    return client.post(ACTIONS, WISH | changed, content_type=JSON, headers=headers)


def test_what_the_rules_allow_is_left_to_the_worker_and_then_is_so_already(
    crew: PlayedDevices, headquarters: Path
) -> None:
    program = make_program("actions:ask", "actions:read", made_by="Ada")
    answer = ask(program)
    assert answer.status_code == 201, answer.content
    decision = answer.json()["actions"][0]["decision"]
    assert (answer.json()["state"], decision["state"], decision["requested_by"]) == ("allowed", "allowed", "token soar")
    row = Decision.objects.get(uid=decision["uid"])
    assert row.requester
    assert (row.requester.name, row.incident, crew.log) == ("Ada", "red", [])
    carry_out(row, CONFIG, headquarters, row.at)
    held = ask(program)
    assert (held.status_code, held.json()["state"]) == (200, "already")
    one = program.get(f"{ACTIONS}/{row.uid}").json()
    assert [each["state"] for each in one["containments"]] == ["holding"]
    released = ask(program, do="release")
    assert (released.status_code, released.json()["actions"][0]["decision"]["kind"]) == (201, "release")


def test_who_must_approve_is_said_and_who_made_the_token_can_not(crew: PlayedDevices) -> None:
    host = make_host("worm", "10.9.9.9")
    mark_hosts([host], ["vital"], [])
    unknown = ask(make_program("actions:ask", name="stray"))
    assert (unknown.status_code, unknown.json()["rule"]) == (403, "who-asks")
    program = make_program("actions:ask", made_by="Ada")
    answer = ask(program)
    decision = answer.json()["actions"][0]["decision"]
    assert (answer.status_code, answer.json()["state"]) == (202, "awaiting")
    assert sorted(decision["missing"]) == ["business", "executive"]
    Incident.objects.update(drill=True)
    refused = ask(program, reason="a drill")
    assert (refused.status_code, refused.json()["rule"]) == (403, "drill")


def test_a_key_asks_once_and_for_one_thing(crew: PlayedDevices) -> None:
    program = make_program("actions:ask", made_by="Ada")
    first, second = (ask(program, "k-1") for _ in range(2))
    assert (first.status_code, second.status_code, Decision.objects.count()) == (201, 201, 1)
    assert first.json()["actions"][0]["decision"]["uid"] == second.json()["actions"][0]["decision"]["uid"]
    other = ask(program, "k-1", reason="something else")
    assert (other.status_code, "another body" in other.json()["detail"]) == (409, True)
    assert ask(program, "no key").status_code == 400


def test_another_key_is_no_other_question_and_another_token_has_keys_of_its_own(crew: PlayedDevices) -> None:
    program, other = (make_program("actions:ask", name=name, made_by="Ada") for name in ("soar", "siem"))
    uids = {
        answer.json()["actions"][0]["decision"]["uid"]
        for answer in (ask(program), ask(program, "k-1"), ask(program, "k-2"), ask(other, "k-1"))
    }
    assert (len(uids), Decision.objects.count()) == (1, 1)
    assert set(Decision.objects.get().order) == {"word", "goal"}
    assert AskedKey.objects.count() == 3
    assert ask(other, "k-2", reason="something else").status_code == 201


def test_what_can_not_be_meant_is_refused(crew: PlayedDevices) -> None:
    program = make_program("actions:ask")
    assert ask(program, host="nobody").status_code == 404
    assert ask(program, incident="blue").status_code == 404
    assert ask(program, do="release").status_code == 404
    assert ask(program, seconds=1).status_code == 400
    assert ask(program, colour="red").status_code == 400
    assert ask(make_program("actions:read", name="looker")).status_code == 403
    assert Client().get(ACTIONS).status_code == 401
    Incident.objects.update(closed_at=Incident.objects.get().declared_at)
    assert ask(program, incident="red").status_code == 409
    assert Decision.objects.count() == 0
