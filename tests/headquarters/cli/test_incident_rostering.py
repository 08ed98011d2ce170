"""The roster by its words: gaps, keys, calls, people taken off their work."""

import json
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from codered_hq.incidents.models import Call, Person
from codered_hq.incidents.people import find_account
from codered_hq.model.crisis import ROLES
from tests.fixtures.rules_in_force import LAX_RULES, put_sample_in_force
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_roles_are_filled_shown_and_emptied(say: Say, tmp_path: Path) -> None:
    make_key(tmp_path / "cora")
    empty = say("incident", "roster", "show")
    assert (empty.code, "executive: nobody" in empty.out, "13 gaps in 13 roles" in empty.out) == (3, True, True)
    add = ("incident", "roster", "add")
    assert say(*add, "Ops", "--account", find_account(), "--role", "scribe").code == 0  # standing: nothing is open
    assert say("incident", "declare", "one", "--title", "x").code == 0
    key = ("--public-key", tmp_path / "cora.pub")
    made = say(*add, "Cora", "--role", "legal", "--mail", "c@x.example", "--dedicated-until", "8h", *key)
    assert (made.code, made.out) == (0, "Cora: legal of one\n"), made.err
    assert say(*add, "Bo", "--role", "legal", "--backup", "--standing").out == "Bo: backup of legal of every incident\n"
    shown = json.loads(say("incident", "roster", "show", "--json").out)
    legal = next(role for role in shown["roles"] if role["role"] == "legal")
    assert [(each["person"], each["order"], each["proof"]) for each in legal["holders"]] == [
        ("Cora", 0, "key"), ("Bo", 1, "none"),
    ]  # fmt: skip
    assert (legal["gap"], len([role for role in shown["roles"] if role["gap"]])) == ("", len(ROLES) - 1)
    assert "Cora  first" in say("incident", "roster", "show").out
    proof = ("--as", "Cora", "--key", tmp_path / "cora")
    assert say("incident", "roster", "backup", "Bo", "--role", "network", *proof).code == 0
    assert say("incident", "roster", "remove", "Bo", "--role", "network", "--as", "Cora").code == 4  # not proved
    assert say("incident", "roster", "remove", "Bo", "--role", "network", *proof).code == 0
    assert say("incident", "roster", "remove", "Bo", "--from-team").code == 0
    assert not Person.objects.get(name="Bo").active
    for words in (
        ("backup", "Bo", "--role", "legal"), ("backup", "Nobody", "--role", "legal"),
        ("remove", "Cora", "--role", "scribe"),
        ("add", "Di", "--backup"), ("add", "Di", "--role", "king"), ("add", "D\ni"), ("add", "Di", "--mail", "x"),
        ("show", "--incident", "nothing"), ("add", "Di", "--standing", "--incident", "one"),
    ):  # fmt: skip
        assert say("incident", "roster", *words).code == 2, words


def test_the_first_is_believed_loudly_and_a_refusal_leaves_nothing(say: Say, tmp_path: Path) -> None:
    make_key(tmp_path / "cora")
    make_key(tmp_path / "eve")
    add = ("incident", "roster", "add")
    assert "anybody here can change the roster" in say(*add, "Bo").err
    first = say(*add, "Cora", "--role", "incident_commander", "--public-key", tmp_path / "cora.pub")
    assert (first.code, "believed without a proof" in first.err) == (0, True)
    eve = say(*add, "Eve", "--role", "executive", "--public-key", tmp_path / "eve.pub")
    assert (eve.code, "neither incident_commander nor executive" in eve.err) == (4, True)
    proof = ("--as", "Cora", "--key", tmp_path / "cora")
    assert say(*add, "Edda", "--role", "executive", "--account", "edda", *proof).code == 0
    assert say(*add, "Emil", "--role", "executive", *proof).code == 4  # executives appoint theirs
    assert set(Person.objects.values_list("name", flat=True)) == {"Bo", "Cora", "Edda"}
    assert say("incident", "roster", "remove", "Bo", "--from-team").code == 4


def test_calls_and_answers(say: Say) -> None:
    assert say("incident", "roster", "test").code == 3  # nobody is there
    for name, role in (("Ann", "legal"), ("Ben", "network")):
        assert say("incident", "roster", "add", name, "--role", role).code == 0
    assert json.loads(say("incident", "roster", "test", "--json").out)["called"] == ["Ann", "Ben"]
    assert say("incident", "roster", "call", "legal").out == "1 called: Ann\n"
    assert say("incident", "roster", "call", "king").code == 2
    assert say("incident", "roster", "reached", "Ann").out == "Ann was reached; 2 calls answered\n"
    assert [call.person.name for call in Call.objects.filter(answered_at=None).select_related("person")] == ["Ben"]
    Call.objects.update(at="2001-07-19T10:00:00Z")
    shown = say("incident", "roster", "show")
    assert "Ben does not answer since 2001-07-19 10:00 UTC" in shown.out
    assert "Ann does not answer" not in shown.out


def test_people_are_taken_off_their_work_only_within_the_rules(say: Say, headquarters: Path) -> None:
    words = ("incident", "roster", "commandeer", "Di", "--role", "helpdesk", "--for", "8h")
    account = ("--account", find_account())
    assert say("incident", "roster", "add", "Pam", "--role", "project_manager", *account).code == 0
    assert say("incident", "declare", "one", "--title", "x").code == 0
    assert say("incident", "roster", "add", "Di").code == 0
    none = say(*words)
    assert (none.code, "no rules of engagement in force let us" in none.err) == (4, True)
    put_sample_in_force(headquarters)  # these say no
    assert say(*words).code == 4
    text = LAX_RULES.replace("may_commandeer_staff: no", "may_commandeer_staff: yes").format(version=2, cap=50)
    put_sample_in_force(headquarters, text.encode(), version=2)
    taken = say(*words)
    assert (taken.code, "and nothing else until" in taken.out) == (0, True), taken.err
