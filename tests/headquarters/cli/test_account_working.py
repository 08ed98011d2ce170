"""Accounts by words: links, who may ask for them, what ends."""

import json
from pathlib import Path

import pytest
from django.test import Client

from codered.signing.keys import load_private_key, make_key, public_bytes
from codered_hq.accounts.models import Account
from codered_hq.incidents.models import Person
from codered_hq.serving.turns import serve_alone
from tests.fixtures.console_desk import make_account, make_person, make_viewer_client
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(tmp_path: Path) -> tuple[str, ...]:
    """An appointer with a key, who administers the console: what she says of herself."""
    make_key(tmp_path / "cora.key")
    person = make_person("Cora", "incident_commander")
    key = tmp_path / "cora.key"
    person.public_key = public_bytes(load_private_key(key)).hex()
    person.save()
    make_account(person, administrator=True)
    return "--as", "Cora", "--key", str(key)


def test_a_link_for_somebody_of_the_team(say: Say, cora: tuple[str, ...]) -> None:
    Person.objects.create(name="Ned")
    answer = say("account", "invite", "ned", "--json", *cora)
    path = json.loads(answer.out)["path"]
    assert "You are <strong>Ned</strong>" in Client().get(path).content.decode()
    listed = say("account", "list")
    assert ("Ned" in listed.out, "cora" in listed.out, path in listed.out) == (True, True, False)


def test_the_link_is_whole_where_the_console_has_been_served(
    say: Say, cora: tuple[str, ...], headquarters: Path
) -> None:
    Person.objects.create(name="Ned")
    alone = say("account", "invite", "Ned", *cora).out
    assert alone.startswith("/join/")
    assert "put the console's address before it: codered serve prints that" in alone
    with serve_alone(headquarters, "https://war.corp.example:8443"):
        told = say("account", "invite", "Ned", *cora).out
        said = json.loads(say("account", "invite", "Ned", "--json", *cora).out)
    assert told.startswith("https://war.corp.example:8443/join/")
    assert "address before it" not in told
    assert said["link"] == f"https://war.corp.example:8443{said['path']}"


def test_who_may_not_is_refused(say: Say, cora: tuple[str, ...]) -> None:
    Person.objects.create(name="Ned")
    assert say("account", "invite", "Ned").code == 4
    assert say("account", "invite", "Auditor").code == 4
    assert say("account", "reset", "Cora", *cora).code == 4
    assert say("account", "reset", "nobody", *cora).code == 2


def test_disabled_and_back_by_a_new_link(say: Say, cora: tuple[str, ...]) -> None:
    nora = make_viewer_client("Nora", "network")
    assert say("account", "disable", "Nora", *cora).code == 0
    assert nora.get("/account/").status_code == 302
    assert json.loads(say("account", "list", "--json").out)["accounts"][1]["state"] == "disabled"
    assert say("account", "reset", "Nora", *cora).code == 4
    path = json.loads(say("account", "invite", "Nora", "--json", *cora).out)["path"]
    said = {"username": "nora2", "password": "a long walk home", "again": "a long walk home"}
    assert Client().post(path, said).status_code == 302
    assert Account.objects.get(person__name="Nora").disabled_at is None
    assert Account.objects.count() == 2


def test_reset_ends_the_old_proofs(say: Say, cora: tuple[str, ...]) -> None:
    nora = make_viewer_client("Nora", "network")
    path = json.loads(say("account", "reset", "nora", "--json", *cora).out)["path"]
    assert nora.get("/account/").status_code == 302
    page = Client().get(path).content.decode()
    assert ("New password" in page, "User name" in page) == (True, False)
