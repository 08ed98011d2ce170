"""The playbook holds to the schemas of CACAO 2.0, names commands that exist, and changes nothing unapproved."""

import json
import re
import shlex
from typing import Any

import msgspec
import pytest
import rich_click as click

from codered.cli import codered
from codered_hq.standards.cacao import make_playbook, render_cacao
from tests.fixtures.cacao_checking import find_wrongs
from tests.fixtures.happened import make_happenings

HAPPENED = make_happenings()


def list_actions(playbook: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in playbook["workflow"].values() if one["type"] == "action"]


def test_it_holds_to_the_schemas() -> None:
    playbook = json.loads(render_cacao(HAPPENED))
    assert find_wrongs(playbook) == []
    assert render_cacao(HAPPENED) == render_cacao(HAPPENED)
    assert (playbook["severity"], playbook["labels"][:2]) == (100, ["step:contain", "nist-csf:RS"])
    assert "T1190" in {one["external_id"] for one in playbook["external_references"]}
    assert len(list_actions(playbook)) == 11 + 3  # open tasks stand among the steps
    for one in list_actions(playbook):
        assert "NIST CSF 2.0" in one["description"]
        assert one["external_references"] == playbook["external_references"]
    for empty in (
        msgspec.structs.replace(HAPPENED, tasks=(), packs=(), severity="odd"),
        msgspec.structs.replace(HAPPENED, packs=tuple(msgspec.structs.replace(p, attack=()) for p in HAPPENED.packs)),
    ):
        assert find_wrongs(make_playbook(empty)) == []


def test_what_changes_machines_is_behind_the_approval() -> None:
    playbook = make_playbook(HAPPENED)
    gate = next(one for one in playbook["workflow"].values() if one["type"] == "if-condition")
    reached, key = [], gate["on_false"]
    while playbook["workflow"][key]["type"] != "end":
        reached.append(playbook["workflow"][key])
        key = playbook["workflow"][key]["on_completion"]
    before, key = [], playbook["workflow"][playbook["workflow_start"]]["on_completion"]
    while playbook["workflow"][key] is not gate:
        before.append(playbook["workflow"][key])
        key = playbook["workflow"][key]["on_completion"]
    words = [one["commands"][0]["command"] for one in (*reached, *before) if one["commands"][0]["type"] == "bash"]
    assert sorted(words) == ["codered approve list", "codered fleet scan --all", "codered fleet status"]
    assert before[-1]["out_args"] == ["__approved__"]
    assert reached[0]["name"] == "Learn"


def find_word(words: list[str]) -> click.Command:
    """The word of this tool; takes its name from `words`, and leaves what it was given."""
    found: click.Command = codered
    while isinstance(found, click.Group):
        with click.Context(found) as context:
            following = found.get_command(context, words.pop(0))
        assert following is not None, (found.name, words)
        found = following
    return found


def test_the_commands_are_ours() -> None:
    for one in list_actions(make_playbook(msgspec.structs.replace(HAPPENED, tasks=()))):
        text = one["commands"][0]["command"]
        if one["commands"][0]["type"] == "bash":
            program, *words = shlex.split(text)
            known = find_word(words).params
            assert program == "codered"
            assert set(words) <= {option for each in known for option in each.opts}, text
        for named in re.findall(r"codered ([a-z]+ [a-z]+)", text):
            assert find_word(named.split()), text


@pytest.mark.parametrize("broken", [
    {"type": "book"}, {"spec_version": "2.0"}, {"id": "playbook--1"}, {"created": "now"}, {"markings": []},
    {"severity": 101}, {"playbook_activities": ["dance"]}, {"agent_definitions": {}}, {"workflow": {}},
    {"workflow_start": "start--x"},
])  # fmt: skip
def test_a_broken_playbook_is_refused(broken: dict[str, Any]) -> None:
    assert find_wrongs(make_playbook(HAPPENED) | broken)


def test_a_broken_step_is_refused() -> None:
    playbook = make_playbook(HAPPENED)
    action = next(key for key, one in playbook["workflow"].items() if one["type"] == "action")
    for field, value in (
        ("commands", []), ("agent", "group--x"), ("on_completion", action), ("type", "dance"), ("commands", [{}]),
        ("commands", [{"type": "bash", "playbook_activity": "scan-system"}]),
    ):  # fmt: skip
        workflow = playbook["workflow"] | {action: playbook["workflow"][action] | {field: value}}
        assert find_wrongs(playbook | {"workflow": workflow}), (field, value)
