"""An outbreak in the lab, by the documented commands: who is there, what is infected or vulnerable, whose it is, where
it is plugged in, what could not be reached, the cure of the Linux hosts. All of it is compared with what was planted.
"""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest

from lab.people import APPROVER
from lab.running import Running, running

LINUX = ("linux-web1", "linux-web2", "linux-app", "linux-files")
SIX = "fd61:62::10/124"
UNTOLD = frozenset(["clean", "web", "not_web", "no_answer", "filtered", "not_asked"])
"""States of addresses that a sweep counts and does not list."""
COVERED = frozenset(["answered", "silent"])


class Row(NamedTuple):
    """A line of the table: what was planted, and what was told."""

    what: str
    planted: str
    told: str


class Enterprise:
    """Headquarters of the lab, and the table of what was compared."""

    def __init__(self, lab: Running) -> None:
        self.lab = lab
        self.rows: list[Row] = []

    def say(self, *words: str, code: int) -> str:
        """A command at headquarters and its answer."""
        done = self.lab.run([sys.executable, "-m", "codered", *words], seconds=300)
        assert done.returncode == code, (words, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        self.rows.append(Row(f"exit code of {' '.join(words[:2])}", str(code), str(done.returncode)))
        return done.stdout

    def ask(self, *words: str, code: int) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.say(*words, "--json", code=code))
        return answer

    def compare(self, what: str, planted: object, told: object) -> None:
        self.rows.append(Row(what, str(planted), str(told)))

    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.planted != row.told]

    def draw(self) -> str:
        return "".join(
            f"{row.what:48} {row.planted:44} {row.told}\n" for row in (Row("what", "planted", "told"), *self.rows)
        )


@pytest.fixture
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enterprise]:
    with running(tmp_path_factory.mktemp("e") / "lab") as lab:
        yield Enterprise(lab)


def find_host(hosts: Iterable[dict[str, Any]], address: str) -> dict[str, Any]:
    """The one host that has an address now."""
    (host,) = [
        host for host in hosts if any(use["address"] == address and use["current"] for use in host["addresses"])
    ]  # fmt: skip
    return host


def know_everybody(enterprise: Enterprise) -> None:
    folder = enterprise.lab.folder
    papers = ["enterprise.yaml", "hosts.csv", "dnsmasq.leases", "corp.example.zone", "reverse.zone"]
    enterprise.say("hosts", "import", *(str(folder / paper) for paper in papers), code=0)
    names = enterprise.ask("hosts", "resolve", code=0)
    answered = {way["way"]: way["answered"] for way in names["ways"]}
    assert answered["node status"] == 2
    assert answered["reverse DNS"] > 20
    enterprise.say("hosts", "locate", code=3)  # the router has no MAC that a switch could have seen
    hosts = enterprise.ask("hosts", "show", code=0)["hosts"]
    for address, truth in enterprise.lab.truth["addresses"].items():
        unheard = truth.get("subnet") == "forgotten" and not truth.get("leased")  # no source can know of it
        if "mac" not in truth or ":" in address or unheard:
            continue
        host = find_host(hosts, address)
        place = host["places"][0] if host["places"] else {"switch": "", "port": "", "vlan": 0}
        told = f"{host['owner'] or '-'}, {place['switch']} {place['port']}, VLAN {place['vlan']}"
        planted = f"{truth.get('owner') or '-'}, {truth['switch']} {truth['port']}, VLAN {truth['vlan']}"
        enterprise.compare(f"{address} {truth['machine']}", planted, told)


def sweep_everything(enterprise: Enterprise) -> None:
    permit = str(enterprise.lab.folder / "authorisation.yaml")
    found = enterprise.ask("sweep", "--all", "--tls-ports", "443", "--authorisation", permit, code=1)
    six = enterprise.ask("sweep", SIX, "--authorisation", permit, code=1)
    truth = enterprise.lab.truth
    reached = {each["range"] for each in found["coverage"]["subnets"]}
    told = {each["address"]: each for each in (*found["found"], *six["found"])}
    for address, planted in truth["addresses"].items():
        subnet = truth["subnets"].get(planted["subnet"], {})
        if planted["subnet"] == "forgotten" or subnet.get("coverage") == "unreachable":
            continue
        state = told[address]["state"] if address in told else "nothing to tell"
        right = {planted["state"], *planted.get("also", ())}
        if right & UNTOLD:
            right.add("nothing to tell")
        enterprise.compare(
            f"sweep of {address} {planted['machine']}", state if state in right else planted["state"], state
        )
    assert set(truth["subnets"]) - reached == {"10.66.0.0/24"}  # nobody documented it
    compare_coverage(enterprise, found["coverage"])


def compare_coverage(enterprise: Enterprise, coverage: dict[str, Any]) -> None:
    for subnet in coverage["subnets"]:
        planted = enterprise.lab.truth["subnets"].get(subnet["range"])
        if planted is None:
            continue
        counts = subnet["counts"]
        whole = set(counts) <= COVERED or counts.get("refused", 0) + sum(counts.get(each, 0) for each in COVERED) == 256
        enterprise.compare(
            f"coverage of {subnet['range']}", planted["coverage"], "complete" if whole else "unreachable"
        )
        assert sum(counts.values()) == subnet["total"]
    assert not coverage["complete"]


def sweep_from_inside(enterprise: Enterprise) -> None:
    """The zone behind the firewall, by its scan point."""
    permit = str(enterprise.lab.folder / "authorisation.yaml")
    found = enterprise.ask("sweep", "--zone", "plant", "--from", "scanpoint", "--authorisation", permit, code=1)
    told = {each["address"]: each["state"] for each in found["found"]}
    for address, planted in enterprise.lab.truth["addresses"].items():
        if planted["subnet"] == "plant":
            bad = planted.get("really", planted["state"])
            bad = bad if bad in ("infected", "vulnerable", "undetermined") else "nothing to tell"
            enterprise.compare(
                f"from inside, {address} {planted['machine']}", bad, told.get(address, "nothing to tell")
            )
    all_told = enterprise.ask("sweep", "--coverage", code=3)
    (plant,) = [each for each in all_told["subnets"] if each["zone"] == "plant"]
    enterprise.compare(f"coverage of {plant['range']} from inside", True, plant["complete"])
    assert set(plant["counts"]) <= COVERED, plant


def put_rules_in_force(enterprise: Enterprise) -> None:
    """A commander, and the rules of engagement under the approver's signature."""
    folder = enterprise.lab.folder
    people, approvers = folder / "people", folder / "headquarters" / "keys" / "approvers"
    cora = ("--as", "Cora", "--key", str(people / "cora.key"))
    for name, role, by in (("Cora", "incident_commander", ()), ("Nora", "network", cora)):  # the first one is believed
        public = str(people / f"{name.lower()}.pub")
        enterprise.say("incident", "roster", "add", name, "--role", role, "--public-key", public, *by, code=0)
    approvers.mkdir(parents=True, exist_ok=True)
    shutil.copy(people / f"{APPROVER.lower()}.pub", approvers)
    rules, signed = str(folder / "rules.yaml"), str(folder / "rules.signed")
    enterprise.say("rules", "sign", rules, "--key", str(people / f"{APPROVER.lower()}.key"), "-o", signed, code=0)
    enterprise.say("rules", "use", signed, code=4)  # nobody says so
    enterprise.say("rules", "use", signed, *cora, code=0)


def save_evidence(enterprise: Enterprise) -> None:
    """The rules let nobody kill a process before: what was saved is noted."""
    by = ("--as", "Cora", "--key", str(enterprise.lab.folder / "people" / "cora.key"))
    enterprise.say("incident", "declare", "outbreak", "--title", "Worms on the web servers", *by, code=0)
    for name in LINUX:
        enterprise.say("incident", "evidence", name, "--container", f"safe 3, {name}", "--elsewhere", *by, code=0)


def apply_with_approval(enterprise: Enterprise) -> None:
    """Nothing is changed without rules, nor before the commander has said yes to each kind of change."""
    enterprise.say("fleet", "apply", *LINUX, "--yes", code=4)
    put_rules_in_force(enterprise)
    save_evidence(enterprise)
    infected = [name for name in LINUX if enterprise.lab.truth["hosts"][name]["infected"]]
    nora = ("--as", "Nora", "--key", str(enterprise.lab.folder / "people" / "nora.key"))
    waiting = enterprise.ask("fleet", "apply", *LINUX, "--yes", "--reason", "it spreads", *nora, code=5)
    states = {host["name"]: host["state"] for host in waiting["hosts"]}
    for name in infected:
        enterprise.compare(f"cure of {name} before the yes", "awaiting", states[name])
    key = str(enterprise.lab.folder / "people" / "cora.key")
    for decision in enterprise.ask("approve", "list", code=0)["decisions"]:
        enterprise.compare(f"who must approve {decision['kind']}", "incident_commander", decision["missing"][0])
        enterprise.say("approve", "yes", decision["uid"][:8], "--as", "Cora", "--key", key, code=0)
    enterprise.say("fleet", "run-queue", code=0)


def cure_the_linux_hosts(enterprise: Enterprise) -> None:
    truth = enterprise.lab.truth["hosts"]
    scan = enterprise.ask("fleet", "scan", *LINUX, code=1)
    for row in scan["hosts"]:
        planted = "infected" if truth[row["name"]]["infected"] else "nothing found"
        told = row["verdict"] if row["verdict"] == "infected" else "nothing found"
        enterprise.compare(f"scan of {row['name']}", planted, told)
    enterprise.say("fleet", "plan", *LINUX, code=0)
    enterprise.say("fleet", "apply", *LINUX, code=2)  # nobody is asked, and nobody said --yes
    apply_with_approval(enterprise)
    enterprise.say("fleet", "verify", *LINUX, code=0)
    for name in LINUX:
        left = [find["path"] for find in truth[name]["findings"] if lies_there(enterprise.lab, name, find["path"])]
        enterprise.compare(f"left on {name}", 0, len(left))
    again = enterprise.ask("fleet", "scan", *LINUX, code=3)  # in a container not everything can be looked at
    for row in again["hosts"]:
        enterprise.compare(f"second scan of {row['name']}", "incomplete", row["verdict"])
    hosts = enterprise.ask("hosts", "show", *LINUX, code=0)["hosts"]
    states = {host["name"]: host["state"] for host in hosts}
    for name in LINUX:
        enterprise.compare(f"case of {name}", "verified" if truth[name]["infected"] else "unknown", states[name])


def lies_there(lab: Running, machine: str, path: str) -> bool:
    """Whether a planted file is there; of crontabs the planted line."""
    script = f"test -f {path} && {{ case {path} in *cron*) grep -q 192.0.2 {path};; *) true;; esac; }}"
    return lab.run([*lab.ssh(machine), script]).returncode == 0


def move_the_laptop(enterprise: Enterprise) -> None:
    before = find_host(enterprise.ask("hosts", "show", code=0)["hosts"], leased(enterprise.lab, "laptop"))
    address = enterprise.lab.move("laptop")
    enterprise.say("hosts", "import", str(enterprise.lab.folder / "dnsmasq.leases"), code=0)
    enterprise.say("hosts", "locate", "laptop", code=0)
    hosts = enterprise.ask("hosts", "show", code=0)["hosts"]
    after = find_host(hosts, address)
    truth = enterprise.lab.truth["addresses"][address]
    enterprise.compare("the laptop that moved is", before["number"], after["number"])
    place = after["places"][0]
    enterprise.compare("where it is now", f"{truth['switch']} {truth['port']}", f"{place['switch']} {place['port']}")
    enterprise.compare("machines called laptop", 1, sum(host["name"].partition(".")[0] == "laptop" for host in hosts))


def leased(lab: Running, machine: str) -> str:
    (address,) = [each for each, truth in lab.truth["addresses"].items() if truth["machine"] == machine]
    return str(address)


def test_an_outbreak_from_the_first_import_to_the_proof(
    enterprise: Enterprise, capsys: pytest.CaptureFixture[str]
) -> None:
    know_everybody(enterprise)
    sweep_everything(enterprise)
    sweep_from_inside(enterprise)
    cure_the_linux_hosts(enterprise)
    move_the_laptop(enterprise)
    with capsys.disabled():
        print("\n" + enterprise.draw())
    assert enterprise.wrong() == []
    assert len(enterprise.rows) > 60
