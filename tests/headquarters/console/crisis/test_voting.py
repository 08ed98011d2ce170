"""A yes, a no, the glass, and taking back, in browsers of a team: each once, on what is so now."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.incidents.models import Duty, Person, Task
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.played_devices import PlayedDevices
from tests.headquarters.console.crisis.conftest import ADDRESS, Ask

pytestmark = pytest.mark.django_db
NETWORK = f"{ADDRESS}/32"


def see(client: Client, decision: Decision) -> str:
    """The mark of what the page shows now."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(f"/approvals/{decision.uid}/").content.decode())
    return found[1] if found else ""


def say(client: Client, decision: Decision, word: str, seen: str | None = None, **more: str) -> tuple[int, str]:
    """The status and the text of the answer; where the browser is sent on, of the page there."""
    given = {"answer": word, "seen": see(client, decision) if seen is None else seen, **more}
    answer = client.post(f"/approvals/{decision.uid}/answer/", given)
    page = client.get(answer["Location"]) if answer.status_code == 303 else answer
    return answer.status_code, page.content.decode()


def test_the_last_yes_is_carried_out(ask: Ask, team: dict[str, Client], played: PlayedDevices) -> None:
    decision = ask("it spreads")
    status, text = say(team["Edda"], decision, "yes")
    assert status == 400
    assert "vital machines are in it" in text
    status, text = say(team["Edda"], decision, "yes", sure="yes")
    assert status == 303
    assert "still needs the yes of business" in text
    assert played.read("r1") == {}
    status, text = say(team["Bea"], decision, "yes", sure="yes", why="wages can wait")
    assert status == 303
    assert "in place" in text
    assert "wages can wait" in text
    assert played.read("r1")[NETWORK] == "block_address"
    decision.refresh_from_db()
    assert decision.state == "taken"
    again = team["Bea"].get(f"/approvals/{decision.uid}/")  # the back button shows what is so now
    assert "no-store" in again["Cache-Control"]
    assert 'value="yes"' not in again.content.decode()
    status, text = say(team["Bea"], decision, "yes", seen="old", sure="yes")
    assert (status, "you said yes already" in text) == (303, True)
    assert decision.votes.count() == 2
    assert played.log.count("r1 change") == 1


def test_taking_back(ask: Ask, team: dict[str, Client], played: PlayedDevices) -> None:
    decision = ask("it spreads")
    say(team["Edda"], decision, "yes", sure="yes")
    say(team["Bea"], decision, "yes", sure="yes")
    place = f"/approvals/{decision.uid}/back/"
    empty = team["Nora"].post(place, {"why": " "})
    assert empty.status_code == 400
    assert "say why it is taken back" in empty.content.decode()
    assert team["Nora"].post(place, {"why": "patched"}).status_code == 303
    assert played.read("r1")[NETWORK] == "free"
    assert Containment.objects.get().state == "undone"
    assert "taken back" in team["Nora"].get(f"/approvals/{decision.uid}/part/").content.decode()
    team["Nora"].post(place, {"why": "patched"})
    assert played.log.count("r1 undo") == 1


def test_who_may_not(ask: Ask, team: dict[str, Client], looker: Client) -> None:
    decision = ask("it spreads")
    own = team["Nora"].get(f"/approvals/{decision.uid}/").content.decode()
    assert 'value="yes"' not in own
    assert "You asked for it" in own
    status, text = say(team["Nora"], decision, "yes", sure="yes")
    assert status == 403
    assert "who asked may not approve it" in text
    status, text = say(team["Cora"], decision, "yes", seen=see(team["Edda"], decision), sure="yes")
    assert status == 403
    assert "Cora has none of the roles it needs now: executive, business" in text
    status, text = say(looker, decision, "yes", seen=see(team["Edda"], decision), sure="yes")
    assert status == 403
    assert "nobody in the roster is guest: looker" in text
    assert not decision.votes.exists()


def test_role_or_person_gone_meanwhile(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    seen = see(team["Edda"], decision)
    Duty.objects.filter(role="executive").update(until=datetime.now(UTC) - timedelta(seconds=1))
    status, text = say(team["Edda"], decision, "yes", seen=seen, sure="yes")
    assert status == 403
    assert "Edda has none of the roles" in text
    Person.objects.filter(name="Bea").update(active=False)
    status, text = say(team["Bea"], decision, "yes", seen=seen, sure="yes")
    assert status == 302  # the session has ended
    assert not decision.votes.exists()


def test_no_needs_its_reason_and_ends_it(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    status, text = say(team["Bea"], decision, "no")
    assert (status, "a no needs its reason" in text) == (400, True)
    status, text = say(team["Bea"], decision, "no", why="wages are paid today")
    assert status == 303
    assert "wages are paid today" in text
    status, text = say(team["Edda"], decision, "yes", seen="0", sure="yes")
    assert status == 409
    assert "It is another now than you saw." in text
    assert "vetoed" in text
    status, text = say(team["Edda"], decision, "perhaps", seen="")
    assert status == 400


def test_what_was_seen_is_another_now(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    seen = see(team["Edda"], decision)
    say(team["Bea"], decision, "yes", sure="yes")
    status, text = say(team["Edda"], decision, "yes", seen=seen, sure="yes", why="typed before")
    assert status == 409
    assert "yes of Bea" in text
    assert "typed before" in text
    assert decision.votes.count() == 1


def test_breaking_the_glass(ask: Ask, team: dict[str, Client], played: PlayedDevices) -> None:
    decision = ask("it spreads")
    place = f"/approvals/{decision.uid}/glass/"
    assert "only incident_commander may break the glass" in team["Edda"].get(place).content.decode()
    refused = team["Edda"].post(
        place, {"reason": "the whole plant stops in a minute", "seen": see(team["Edda"], decision)}
    )
    assert refused.status_code == 403
    short = team["Cora"].post(place, {"reason": "now", "seen": see(team["Cora"], decision)})
    assert short.status_code == 400
    reason = {"reason": "the whole plant stops in a minute", "seen": see(team["Cora"], decision)}
    assert team["Cora"].post(place, reason).status_code == 303
    assert team["Cora"].post(place, reason).status_code == 303
    assert played.read("r1")[NETWORK] == "block_address"
    assert Task.objects.filter(action="review of broken glass").count() == 1
    assert "broken by Cora" in team["Edda"].get(f"/approvals/{decision.uid}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_at_once(ask: Ask, team: dict[str, Client], played: PlayedDevices) -> None:
    decision = ask("it spreads")
    seen = {name: see(team[name], decision) for name in ("Edda", "Bea")}
    together, codes = threading.Barrier(2), {}

    def click(name: str) -> None:
        together.wait(30)
        given = {"answer": "yes", "sure": "yes", "seen": seen[name]}
        codes[name] = team[name].post(f"/approvals/{decision.uid}/answer/", given).status_code
        connection.close()

    threads = [threading.Thread(target=click, args=(name,)) for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes.values()) == [303, 409]  # the second one sees first what the other did
    assert decision.votes.count() == 1
    late = next(name for name, code in codes.items() if code == 409)
    assert say(team[late], decision, "yes", sure="yes")[0] == 303
    assert played.log.count("r1 change") == 1
    votes = LedgerEntry.objects.filter(kind="vote")
    assert votes.count() == 2
