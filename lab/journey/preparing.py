"""Step 1, prepare: who is there and whose it is, who decides, and by which rules."""

import shutil

from lab.journey.finding import find_host
from lab.journey.telling import Journey, check
from lab.people import APPROVER, PEOPLE

PAPERS = ("enterprise.yaml", "hosts.csv", "dnsmasq.leases", "corp.example.zone", "reverse.zone")


def prepare(journey: Journey) -> None:
    """On a quiet day before."""
    journey.begin("prepare", 0, "the inventory, the people, the rules")
    _know_everybody(journey)
    _appoint(journey)
    _put_rules_in_force(journey)


def _know_everybody(journey: Journey) -> None:
    folder = journey.lab.folder
    journey.say("hosts", "import", *(str(folder / paper) for paper in PAPERS), code=0)
    names = journey.ask("hosts", "resolve", code=0)
    answered = {way["way"]: way["answered"] for way in names["ways"]}
    check(answered["node status"] == 2, f"node status: {answered}")
    check(answered["reverse DNS"] > 20, f"reverse DNS: {answered}")
    journey.say("hosts", "locate", code=3)  # the router has no MAC that a switch could have seen
    hosts = journey.ask("hosts", "show", code=0)["hosts"]
    for address, truth in journey.lab.truth["addresses"].items():
        unheard = truth.get("subnet") == "forgotten" and not truth.get("leased")  # no source can know of it
        if "mac" not in truth or ":" in address or unheard or truth["machine"].startswith("farm"):
            continue
        host = find_host(hosts, address)
        place = host["places"][0] if host["places"] else {"switch": "", "port": "", "vlan": 0}
        told = f"{host['owner'] or '-'}, {place['switch']} {place['port']}, VLAN {place['vlan']}"
        planted = f"{truth.get('owner') or '-'}, {truth['switch']} {truth['port']}, VLAN {truth['vlan']}"
        journey.compare(f"{address} {truth['machine']}", planted, told)


def _appoint(journey: Journey) -> None:
    folder = journey.lab.folder
    for order, (name, role) in enumerate(PEOPLE.items()):
        backup = ("--backup",) if order % 2 else ()
        key = str(folder / "people" / f"{name.lower()}.pub")
        by = "" if order == 0 else "Edda" if name == "Emil" else "Cora"  # the first is believed
        words = ("--role", role, *backup, "--public-key", key)
        journey.say("incident", "roster", "add", name, *words, code=0, by=by)
    # No longer by anybody at the shell, nor for oneself.
    journey.say("incident", "roster", "add", "Eve", "--role", "executive", code=4)
    journey.say("incident", "roster", "add", "Nora", "--role", "business", code=4, by="Nora")


def _put_rules_in_force(journey: Journey) -> None:
    folder = journey.lab.folder
    refused = journey.say("contain", "host", "iis-defaced", "--yes", "--reason", "it spreads", code=4, by="Nora")
    check("no-rules" in refused.out + refused.err, "without rules only looking is allowed")
    approvers = folder / "headquarters" / "keys" / "approvers"
    approvers.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "people" / f"{APPROVER.lower()}.pub", approvers)
    rules, signed = str(folder / "rules.yaml"), str(folder / "cache" / "rules.signed")
    journey.say("rules", "check", rules, code=0)
    journey.say("rules", "test", rules, code=0)
    journey.say("rules", "sign", rules, "--key", journey.key_of(APPROVER), "-o", signed, code=0)
    journey.say("rules", "use", signed, code=4)  # nobody says so
    journey.say("rules", "use", signed, code=0, by="Cora")
