"""Step 2, detect: who else is infected or open to it, who attacks from inside, and what could not be looked at."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.journey.alarm import send_requests
from lab.journey.finding import find_address
from lab.journey.telling import Journey, check

SIX = "fd61:62::10/124"
LINUX = ("linux-web1", "linux-web2", "linux-app", "linux-files")
UNTOLD = frozenset(["clean", "web", "not_web", "no_answer", "filtered", "not_asked"])
"""States of addresses that a sweep counts and does not list."""
COVERED = frozenset(["answered", "silent"])
GENTLY = ("--tls-ports", "443", "--rate", "400")
"""All the laboratory's machines share the processors of one: asked faster, some would answer too late."""
UNDOCUMENTED = "10.66.0.0/24"


def detect(journey: Journey) -> None:
    """Sweeps, the zone behind the firewall, a web server's log, scans of the Linux hosts."""
    journey.begin("detect", 15, "who else has it, and what nobody has looked at")
    _read_a_web_log(journey)  # before the sweep: our own requests would stand in it, too
    sweep_everything(journey)
    _sweep_from_inside(journey)
    _scan_linux_hosts(journey)


def sweep_everything(journey: Journey) -> None:
    """All documented subnets, and a piece of IPv6."""
    journey.at(18)
    permit, result = str(journey.lab.folder / "authorisation.yaml"), journey.lab.folder / "cache" / "sweep.json"
    journey.say("sweep", "--all", *GENTLY, "--authorisation", permit, "-o", str(result), code=1)
    found = json.loads(result.read_text())
    six = journey.ask("sweep", SIX, "--authorisation", permit, code=1)
    truth = journey.lab.truth
    told = {each["address"]: each for each in (*found["found"], *six["found"])}
    for address, planted in truth["addresses"].items():
        subnet = truth["subnets"].get(planted["subnet"], {})
        unswept = planted["machine"] == "laptop" or (planted["machine"].startswith("desk") and ":" in address)
        if unswept or planted["subnet"] == "forgotten" or subnet.get("coverage") == "unreachable":
            continue
        state = told[address]["state"] if address in told else "nothing to tell"
        right = {planted["state"], *planted.get("also", ())}
        if right & UNTOLD:
            right.add("nothing to tell")
        expected = state if state in right else planted["state"]
        journey.compare(f"sweep of {address} {planted['machine']}", expected, state)
    reached = {each["range"] for each in found["coverage"]["subnets"]}
    check(set(truth["subnets"]) - reached == {UNDOCUMENTED}, f"swept: {reached}")  # nobody documented it
    _compare_coverage(journey, found["coverage"])


def _compare_coverage(journey: Journey, coverage: dict[str, Any]) -> None:
    for subnet in coverage["subnets"]:
        planted = journey.lab.truth["subnets"].get(subnet["range"])
        if planted is None:
            continue
        counts = subnet["counts"]
        whole = set(counts) <= COVERED or counts.get("refused", 0) + sum(counts.get(each, 0) for each in COVERED) == 256
        told = "complete" if whole else "unreachable"
        journey.compare(f"coverage of {subnet['range']}", planted["coverage"], told)
        check(sum(counts.values()) == subnet["total"], f"the numbers of {subnet['range']} do not add up: {counts}")
    check(not coverage["complete"], "coverage calls itself complete")


def _sweep_from_inside(journey: Journey) -> None:
    """The zone behind the firewall, by its scan point."""
    journey.at(26)
    permit = str(journey.lab.folder / "authorisation.yaml")
    found = journey.ask("sweep", "--zone", "plant", "--from", "scanpoint", "--authorisation", permit, code=1)
    told = {each["address"]: each["state"] for each in found["found"]}
    for address, planted in journey.lab.truth["addresses"].items():
        if planted["subnet"] == "plant":
            bad = planted.get("really", planted["state"])
            bad = bad if bad in ("infected", "vulnerable", "undetermined") else "nothing to tell"
            state = told.get(address, "nothing to tell")
            journey.compare(f"from inside, {address} {planted['machine']}", bad, state)
    coverage = journey.say("sweep", "--coverage", code=3)
    check("laboratory" in coverage.out, "coverage does not name the laboratory")
    document = journey.ask("sweep", "--coverage", code=3)
    (plant,) = [each for each in document["subnets"] if each["zone"] == "plant"]
    journey.compare(f"coverage of {plant['range']} from inside", True, plant["complete"])
    check(set(plant["counts"]) <= COVERED, f"the plant: {plant['counts']}")


def _read_a_web_log(journey: Journey) -> None:
    """What a web server wrote down names who attacks from inside, and nobody else."""
    server, attackers = find_address(journey.lab, "apache"), ("laptop", "iis-backdoor")
    for name in attackers:
        send_requests(journey, name, server)
    log = write_access_log(journey, server)
    told = journey.say("scan", "--logs", str(log), code=1)
    check("treat them as infected hosts" in " ".join(told.out.split()), told.out[:300])
    report = journey.ask("scan", "--logs", str(log), code=1)
    named = {each["address"] for each in report["logs"]["attackers"] if each["internal"]}
    planted = {find_address(journey.lab, name) for name in attackers}
    journey.compare("who attacks from inside, as a web log shows", sorted(planted), sorted(named))
    check(len(report["logs"]["attackers"]) == len(planted), "the log names others, too")


def write_access_log(journey: Journey, server: str) -> Path:
    """What was asked of a web server of the laboratory, as Apache would have written it down."""
    lab = journey.lab.folder
    lines = [json.loads(line) for line in (lab / "logs" / "requests.jsonl").read_text().splitlines()]
    path = lab / "cache" / "access.log"
    path.write_text("".join(
        f'{each["from"]} - - [{datetime.fromtimestamp(each["at"], UTC):%d/%b/%Y:%H:%M:%S +0000}]'
        f' "{each["method"]} {each["path"]} HTTP/1.0" 404 280 "-" "-"\n'
        for each in lines if each["address"] == server
    ))  # fmt: skip
    return path


def _scan_linux_hosts(journey: Journey) -> None:
    journey.at(33)
    truth = journey.lab.truth["hosts"]
    # In a container the kernel shows what processes reach for by other numbers: a scan that tries that is never whole.
    scan = journey.ask("fleet", "scan", *LINUX, "--watch", "0s", code=1)
    for row in scan["hosts"]:
        planted = "infected" if truth[row["name"]]["infected"] else "clean"
        journey.compare(f"scan of {row['name']}", planted, row["verdict"])
    journey.say("fleet", "status", scan["uid"][:8], code=1)
    journey.say("hosts", "show", "--state", "infected", code=0)
