"""An outbreak under rules, by the documented commands: declared, contained on switch ports within the rules, with
approvals and a cap, undone on time with headquarters stopped; and a ledger that proves all of it.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.people import APPROVER, PEOPLE
from lab.running import Running, running

INFECTED = {"iis-defaced": "10.62.0.13", "iis-backdoor": "10.62.0.14", "iis-nimda": "10.62.0.15"}
SECONDS = 40
"""How long machines stay contained; then they must be back, whoever is dead."""


class Room:
    """The crisis team at the lab's headquarters."""

    def __init__(self, lab: Running) -> None:
        self.lab = lab
        self.rows: list[str] = []
        self.database = lab.folder / "headquarters" / "headquarters.sqlite3"

    def say(self, *words: str, code: int, by: str = "") -> str:
        """A command, by a person who proves who it is; its answer."""
        proof = ("--as", by, "--key", str(self.lab.folder / "people" / f"{by.lower()}.key")) if by else ()
        done = self.lab.run([sys.executable, "-m", "codered", *words, *proof], seconds=300)
        assert done.returncode == code, (words, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        self.rows.append(f"{code}  {by or '-':6} codered {' '.join(words)}")
        return done.stdout + done.stderr

    def ask(self, *words: str, code: int, by: str = "") -> Any:  # noqa: ANN401 - a document
        proof = ("--as", by, "--key", str(self.lab.folder / "people" / f"{by.lower()}.key")) if by else ()
        done = self.lab.run([sys.executable, "-m", "codered", *words, "--json", *proof], seconds=300)
        assert done.returncode == code, (words, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        self.rows.append(f"{code}  {by or '-':6} codered {' '.join(words)} --json")
        return json.loads(done.stdout)

    def answers(self, address: str) -> bool:
        """Whether a machine answers headquarters."""
        return self.lab.run(["busybox", "ping", "-q", "-c1", "-W1", address]).returncode == 0

    def is_up(self, switch: str, port: str) -> bool:
        """Whether a port is up, as the switch's own kernel says."""
        link = json.loads(self.lab.run(["ip", "-json", "link", "show", port], part=switch).stdout)
        return "UP" in link[0]["flags"]


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with running(tmp_path_factory.mktemp("i") / "lab", "floor") as lab:
        yield Room(lab)


def prepare(room: Room) -> None:
    """Who is there, where, who decides, and by which rules."""
    folder = room.lab.folder
    papers = ["enterprise.yaml", "hosts.csv", "dnsmasq.leases"]
    room.say("hosts", "import", *(str(folder / paper) for paper in papers), code=0)
    room.say("hosts", "locate", code=0)
    for order, (name, role) in enumerate(PEOPLE.items()):
        backup = ("--backup",) if order % 2 else ()
        key = str(folder / "people" / f"{name.lower()}.pub")
        by = "" if order == 0 else "Edda" if name == "Emil" else "Cora"  # the first is believed
        room.say("incident", "roster", "add", name, "--role", role, *backup, "--public-key", key, code=0, by=by)
    room.say("incident", "roster", "add", "Eve", "--role", "executive", code=4)  # no longer by anybody at the shell
    room.say("incident", "roster", "add", "Nora", "--role", "business", code=4, by="Nora")
    refused = room.say("contain", "host", "iis-defaced", "--yes", "--reason", "it spreads", code=4, by="Nora")
    assert "no-rules" in refused  # nobody has put any in force: only looking is allowed
    signed, approvers = folder / "rules.signed", folder / "headquarters" / "keys" / "approvers"
    approvers.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "people" / f"{APPROVER.lower()}.pub", approvers)
    room.say("rules", "check", str(folder / "rules.yaml"), code=0)
    room.say("rules", "test", str(folder / "rules.yaml"), code=0)
    key = str(folder / "people" / f"{APPROVER.lower()}.key")
    room.say("rules", "sign", str(folder / "rules.yaml"), "--key", key, "-o", str(signed), code=0)
    room.say("rules", "use", str(signed), code=0, by="Cora")


def declare(room: Room) -> None:
    """The sweep sees it; the commander declares it."""
    permit = str(room.lab.folder / "authorisation.yaml")
    found = room.ask("sweep", "10.62.0.0/24", "--authorisation", permit, code=1)
    assert {each["address"] for each in found["found"] if each["state"] == "infected"} >= set(INFECTED.values())
    title = "Code Red II in the server room"
    room.say("incident", "declare", "outbreak", "--title", title, "--pack", "codered2", code=0, by="Cora")


def contain_within_the_rules(room: Room) -> None:
    """Ordinary hosts by one yes, a vital one by two, one that nobody may touch not at all."""
    hold = ("--for", f"{SECONDS}s", "--reason", "it spreads", "--yes")
    for name in ("iis-defaced", "iis-backdoor"):
        assert room.answers(INFECTED[name])
        asked = room.ask("contain", "host", name, *hold, code=5, by="Nora")
        uid = asked["results"][0]["decision"]
        room.say("approve", "yes", uid[:8], code=4, by="Nora")  # nobody approves what he asked for himself
        room.say("approve", "yes", uid[:8], code=0, by="Cora")
        assert not room.answers(INFECTED[name])
    asked = room.ask("contain", "host", "iis-nimda", *hold, code=5, by="Nora")
    uid = asked["results"][0]["decision"]
    room.say("approve", "yes", uid[:8], code=5, by="Edda")
    assert room.answers(INFECTED["iis-nimda"])  # one yes is not enough for a vital host
    room.say("approve", "yes", uid[:8], code=5, by="Emil")  # two executives are not an executive and the business
    room.say("approve", "yes", uid[:8], code=0, by="Bruno")
    assert not room.answers(INFECTED["iis-nimda"])
    never = room.say("contain", "host", "plant-hmi", *hold, code=4, by="Nora")
    assert "never-touch" in never
    assert room.is_up("sw2", room.lab.truth["addresses"]["10.63.0.11"]["port"])


def meet_the_cap(room: Room) -> list[dict[str, Any]]:
    """Fifty in an hour, and not one more."""
    hold = ("--for", f"{SECONDS}s", "--reason", "they scan", "--yes")
    told = room.ask("contain", "host", "--tag", "may_isolate", *hold, code=3, by="Nora")
    states = [each["state"] for each in told["results"]]
    assert states.count("contained") == 50 - len(INFECTED)
    refused = [each for each in told["results"] if each["state"] == "refused"]
    assert len(refused) == 54 - 47
    assert {each["rule"] for each in refused} == {"isolate-cap"}
    places = {(each["switch"], each["port"]): each for each in room.lab.truth["addresses"].values() if "port" in each}
    down = [each for each in places.values() if not is_up(room, each)]
    assert len(down) == 50
    return down


def is_up(room: Room, place: dict[str, Any]) -> bool:
    return room.is_up(place["switch"], place["port"])


def stop_headquarters(room: Room) -> None:
    """Nothing of headquarters runs any more, and its database is out of reach."""
    room.lab.run(["pkill", "-KILL", "-f", f"codered_hq.devices.keeping {room.lab.folder}"])
    room.database.rename(room.database.with_suffix(".away"))


def come_back_on_time(room: Room, places: list[dict[str, Any]]) -> None:
    """The switches set their ports up again by themselves, none of them before its time."""
    until = time.monotonic() + SECONDS + 30
    while down := [each["port"] for each in places if not is_up(room, each)]:
        assert time.monotonic() < until, f"still down: {down}"
        time.sleep(0.5)
    assert all(room.answers(address) for address in INFECTED.values())


def look_back(room: Room) -> None:
    """Headquarters is there again, and learns what happened; the ledger proves it."""
    room.database.with_suffix(".away").rename(room.database)
    room.say("work", "--once", code=0)
    listed = room.ask("contain", "list", code=0)
    assert listed["containments"] == []
    ledger = str(room.lab.folder / "ledger.jsonl")
    room.say("incident", "export", "--format", "ledger", "-o", ledger, code=0)
    public = str(room.lab.folder / "headquarters" / "keys" / "headquarters.key.pub")
    assert "as it was sealed" in room.say("evidence", "verify", ledger, "--key", public, code=0)
    status = room.say("incident", "status", "--pdf", str(room.lab.folder / "status.pdf"), code=1)
    assert status


def test_an_outbreak_is_contained_within_the_rules(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(room)
    declare(room)
    contain_within_the_rules(room)
    places = meet_the_cap(room)
    stop_headquarters(room)
    come_back_on_time(room, places)
    look_back(room)
    timeline = room.say("incident", "timeline", code=0)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(room.rows) + "\n" + timeline)
    for words in ("in place until", "taken back by timer of the device", "isolate-cap", "never-touch", "Edda", "Bruno"):
        assert words in timeline
