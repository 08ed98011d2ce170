"""What waits, why, and what a yes, a no and broken glass come to, by the words."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Vote
from codered_hq.hosts.marking import mark_hosts
from codered_hq.incidents.models import Duty, Person
from codered_hq.incidents.people import PersonCard, Speaker, add_person
from tests.fixtures.changes_asked import ask_as, document_kinds
from tests.fixtures.gate_crew import ASKER, machine, prove_asker, wish
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answered
from tests.fixtures.rules_in_force import LONG_AGO, put_sample_in_force
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db
WHY = "the plant stands still if it is not done now"


@pytest.fixture
def team(headquarters: Path, tmp_path: Path) -> dict[str, str]:
    """Rules in force; an executive, a business owner and a commander, each with a key: name -> file."""
    put_sample_in_force(headquarters)
    keys, people = {}, {}
    for name, role in (("Erika", "executive"), ("Bo", "business"), ("Coco", "incident_commander")):
        make_key(tmp_path / name)
        people[role] = add_person(PersonCard(name, public_key_file=str(tmp_path / f"{name}.pub")), LONG_AGO, ASKER)
        keys[name] = str(tmp_path / name)
    for role, person in people.items():  # from then on only two of them may change the roster
        Duty.objects.create(role=role, person=person, since=LONG_AGO)
    return keys


def coco() -> Speaker:
    """The commander."""
    return Speaker(Person.objects.get(name="Coco"), "Coco", None)


def now() -> datetime:
    return datetime.now(UTC)


def await_two(kind: str = "isolate_host") -> str:
    """A vital machine, which needs two people; the first digits of the decision."""
    order = {"word": "nothing"}
    return ask(wish(machine(7, "vital", name="db\x1b[2J"), kind=kind, at=now()), order, prove_asker()).uid[:8]  # type: ignore[arg-type]


def test_what_waits_is_listed_for_me_first_and_explained(say: Say, team: dict[str, str]) -> None:
    assert say("approve", "list").out == "nothing waits for approval\n"
    first, second = await_two(), await_two("patch")
    bo = ("--as", "Bo", "--key", team["Bo"])
    assert say("approve", "yes", first, *bo).code == 5
    listed = say("approve", "list", "--as", "Bo")
    lines = listed.out.splitlines()
    assert (listed.code, len(lines), "\x1b" in listed.out) == (0, 3, False)
    assert (lines[1].split()[:3], lines[2].split()[:3]) == ([second, "yes", "patch"], [first, "-", "isolate_host"])
    assert "it spreads" in lines[2]
    assert "executive and business" in lines[1]
    document = json.loads(say("approve", "list", "--as", "Bo", "--json").out)
    assert [each["missing"] for each in document["decisions"]] == [["executive", "business"], ["executive"]]
    assert [uid[:8] for uid in document["for_me"]] == [second]
    told = say("approve", "why", first)
    for words in (
        "by rule cut-vital of version 1",
        "missing: executive",
        "yes of Bo",
        "signed",
        "vital",
        "#7",
        "asker",
    ):
        assert words in told.out, words
    raw = json.loads(say("approve", "why", first, "--json").out)
    assert (raw["request"]["subjects"][0]["tags"], raw["votes"][0]["person"]) == (["vital"], "Bo")
    for wrong in ("zzzzzz", "123", "0" * 32):
        assert say("approve", "why", wrong).code == 2


def test_yes_and_no_count_only_from_who_may_say_them(say: Say, team: dict[str, str]) -> None:
    uid = await_two()
    nobody = say("approve", "yes", uid)
    assert (nobody.code, "nobody in the roster" in nobody.err) == (4, True)
    assert say("approve", "yes", uid, "--as", "Erika").code == 4  # without her key
    assert say("approve", "yes", uid, "--as", "Erika", "--key", team["Bo"]).code == 4
    assert say("approve", "yes", uid, "--as", "Coco", "--key", team["Coco"]).code == 4  # another role
    assert say("approve", "no", uid, "--as", "Bo", "--key", team["Bo"]).code == 2  # a no needs its why
    assert Vote.objects.count() == 0
    half = say("approve", "yes", uid, "--as", "Erika", "--key", team["Erika"], "--json")
    assert (half.code, json.loads(half.out)["decisions"][0]["missing"]) == (5, ["business"])
    assert say("approve", "yes", uid, "--as", "Erika", "--key", team["Erika"]).code == 5  # sent twice
    assert Vote.objects.count() == 1
    whole = say("approve", "yes", uid, "--key", team["Bo"])  # whose key it is
    assert (whole.code, "is allowed" in whole.err) == (0, True)
    other = await_two("patch")
    vetoed = say("approve", "no", other, "--as", "Bo", "--key", team["Bo"], "--why", "payday")
    assert (vetoed.code, "vetoed: it is not done" in vetoed.err) == (0, True)
    late = say("approve", "yes", other, "--as", "Erika", "--key", team["Erika"])
    assert (late.code, "vetoed" in late.err) == (4, True)
    third = await_two("reboot")
    several = say("approve", "yes", other, third, "--as", "Erika", "--key", team["Erika"])
    assert several.code == 5  # one refused, one still awaits
    Decision.objects.filter(uid__startswith=third).update(expires_at=now() - timedelta(seconds=1))
    assert say("approve", "list").out == "nothing waits for approval\n"
    assert say("approve", "yes", third, "--as", "Bo", "--key", team["Bo"]).code == 4


def test_a_fleet_change_goes_on_with_the_queue_once_all_of_it_is_allowed(
    say: Say, team: dict[str, str], played: PlayedFleet
) -> None:
    add_person(PersonCard("kim", account="kim"), LONG_AGO, coco())
    host = make_host("db", "10.1.0.1")
    played.hosts["db"] = PlayedHost("db", lambda one, *job: answered(one.answer(*job)))
    mark_hosts([host], ("vital",), ())
    document = document_kinds("quarantine_file", "upgrade_package")
    order_change("apply", [host], {host.pk: document}, Wish(), ask_as("kim", now()))
    uids = list(Decision.objects.order_by("pk").values_list("uid", flat=True))
    assert say("fleet", "run-queue").code == 3
    for name in ("Erika", "Bo"):
        said = say("approve", "yes", uids[0], "--key", team[name])
    assert (said.code, f"needs more for the same hosts: codered approve yes {uids[1][:8]}" in said.err) == (0, True)
    assert say("fleet", "run-queue").code == 3
    assert played.hosts["db"].jobs == []
    for name in ("Erika", "Bo"):
        said = say("approve", "yes", uids[1], "--key", team[name])
    assert (said.code, "goes on with: codered fleet run-queue" in said.err) == (0, True)
    ran = say("fleet", "run-queue")
    assert (ran.code, len(played.hosts["db"].jobs)) == (0, 1), ran.err
    assert say("approve", "yes", uids[1], "--key", team["Bo"]).err.count("carried out already") == 1


def test_broken_glass_goes_past_a_missing_approval_and_a_rule(
    say: Say, team: dict[str, str], played: PlayedFleet, headquarters: Path
) -> None:
    coco = ("--as", "Coco", "--key", team["Coco"])
    uid = await_two()
    assert say("approve", "glass", uid, "--reason", "short", *coco).code == 2
    assert say("approve", "glass", uid, "--reason", WHY, "--key", team["Bo"]).code == 4
    broken = say("approve", "glass", uid, "--reason", WHY, *coco)
    assert (broken.code, "everybody is told" in broken.err) == (0, True)
    assert f"the glass was broken by Coco: {WHY}" in say("approve", "why", uid).out
    full = put_sample_in_force(headquarters, version=2, cap=1, at=now())
    assert full.version == 2
    played.hosts |= {name: PlayedHost(name, lambda one, *job: answered(one.answer(*job))) for name in ("a", "b")}
    hosts = [make_host(name, f"10.1.0.{number}") for number, name in enumerate("ab", 1)]
    document = document_kinds("isolate_host")
    run = order_change("apply", hosts, {host.pk: document for host in hosts}, Wish(), ask_as("kim", now()))
    assert (run.state, {row.state for row in run.hosts.all()}) == ("done", {"refused"})
    refused = Decision.objects.get(order__run=run.uid).uid
    assert say("approve", "glass", refused, "--reason", WHY, *coco).code == 0
    assert say("fleet", "run-queue").code == 0
    assert [len(played.hosts[name].jobs) for name in "ab"] == [1, 1]
