"""Step 3, contain: machines are cut off at their switch ports within the rules, proved unreachable, and come back."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

from lab.journey.finding import answers, find_address
from lab.journey.telling import Journey, check
from lab.namespaces import find_processes, name_namespace, remove_processes

ORDINARY = ("laptop", "iis-defaced", "iis-backdoor")
VITAL = "iis-nimda"
CAP = 50
"""So many machines an hour, as the rules say."""
HELD = 45
"""Seconds for which the open-plan office is cut off: an hour of the story."""
HOLD = ("--reason", "it spreads", "--yes")


def contain(journey: Journey) -> None:
    """Ordinary machines by one yes, a vital one by two, one that nobody may touch not at all, and not too many."""
    journey.begin("contain", 41, "cut off what spreads, within the rules")
    journey.say("incident", "step", "outbreak", "contain", code=0, by="Cora")
    impact = ("--impact", "web shop=orders by phone only", "--impact", "office=54 desks offline for an hour")
    journey.say("incident", "set", *impact, code=0, by="Cora")
    for name in ORDINARY:
        _cut_off_an_ordinary_one(journey, name)
    _cut_off_the_vital_one(journey)
    never = journey.say("contain", "host", "plant-hmi", *HOLD, code=4, by="Nora")
    check("never-touch" in never.out + never.err, "the rule is not named")
    check(is_up(journey, find_address(journey.lab, "plant-hmi")), "the port of plant-hmi is down")
    journey.compare("life safety (plant-hmi)", "refused: never-touch", "refused: never-touch")
    journey.say("contain", "list", code=0)
    _tell_how_it_came_in(journey)


def _tell_how_it_came_in(journey: Journey) -> None:
    """The answer to a task of this step stands in every report from then on."""
    (task,) = [each for each in journey.ask("task", "list", code=0)["tasks"] if each["action"] == "way-in"]
    result = "A laptop that was away for two weeks, infected on a hotel network, plugged in in a meeting room."
    journey.say("task", "done", str(task["number"]), "--result", result, code=0, by="Cora")


def _cut_off_an_ordinary_one(journey: Journey, name: str) -> None:
    address = find_address(journey.lab, name)
    check(answers(journey.lab, address), f"{name} does not answer before")
    asked = journey.say("contain", "host", name, *HOLD, code=5, by="Nora")
    journey.say("approve", "yes", asked.decision, code=4, by="Nora")  # nobody approves what he asked for himself
    done = journey.say("approve", "yes", asked.decision, code=0, by="Cora")
    check("silent after" in done.out + done.err, f"{name} was not proved unreachable: {done}")
    journey.compare(f"{name} cut off", "silent", "silent" if not answers(journey.lab, address) else "answers")


def _cut_off_the_vital_one(journey: Journey) -> None:
    address = find_address(journey.lab, VITAL)
    asked = journey.say("contain", "host", VITAL, *HOLD, code=5, by="Nora")
    journey.say("approve", "yes", asked.decision, code=5, by="Edda")
    check(answers(journey.lab, address), "one yes was enough for a vital host")
    # Two executives are not an executive and the business.
    journey.say("approve", "yes", asked.decision, code=5, by="Emil")
    journey.say("approve", "yes", asked.decision, code=0, by="Bruno")
    journey.compare(f"{VITAL} cut off", "silent", "silent" if not answers(journey.lab, address) else "answers")


def meet_the_cap(journey: Journey) -> list[str]:
    """The whole office at once: fifty in an hour, and not one more. The addresses that are cut off for a while."""
    journey.at(52)
    hold = ("--for", f"{HELD}s", "--reason", "some of them scan", "--yes")
    told = journey.ask("contain", "host", "--tag", "may_isolate", *hold, code=3, by="Nora")
    states = [each["state"] for each in told["results"]]
    journey.compare("cut off in this hour", CAP, states.count("contained") + len(ORDINARY) + 1)
    refused = [each for each in told["results"] if each["state"] == "refused"]
    journey.compare("refused, and by which rule", f"{len(states) - states.count('contained')} isolate-cap",
                    f"{len(refused)} {', '.join(sorted({each['rule'] for each in refused}))}")  # fmt: skip
    down = [address for address in find_ports(journey) if not is_up(journey, address)]
    journey.compare("ports that are down", CAP, len(down))
    truth = journey.lab.truth["addresses"]
    return [address for address in down if truth[address]["machine"] not in (*ORDINARY, VITAL)]


@contextlib.contextmanager
def without_headquarters(journey: Journey) -> Any:  # noqa: ANN401 - a context
    """Headquarters is dead: none of its keepers runs, its database is out of reach. It is back afterwards."""
    space = name_namespace(journey.lab.record.id, "hq")
    keepers = [pid for pid in find_processes([space]) if b"codered_hq.devices.keeping" in _read_command(pid)]
    remove_processes(keepers, [space])
    database = journey.lab.folder / "headquarters" / "headquarters.sqlite3"
    database.rename(database.with_suffix(".away"))
    journey.note(f"headquarters dies: {len(keepers)} keepers killed, the database is out of reach")
    try:
        yield
    finally:
        database.with_suffix(".away").rename(database)


def come_back_on_time(journey: Journey, addresses: list[str]) -> None:
    """The switches set their ports up again by themselves."""
    until = time.monotonic() + HELD + 30
    while down := [each for each in addresses if not is_up(journey, each)]:
        check(time.monotonic() < until, f"still down: {down}")
        time.sleep(0.5)
    journey.compare("ports that came back without headquarters", len(addresses), len(addresses) - len(down))
    journey.note(f"{len(addresses)} ports are up again: the switches did it by themselves, on time")


def find_ports(journey: Journey) -> list[str]:
    """An address for each port that a machine is plugged in to."""
    places = {
        (each["switch"], each["port"]): address
        for address, each in journey.lab.truth["addresses"].items() if "port" in each
    }  # fmt: skip
    return list(places.values())


def is_up(journey: Journey, address: str) -> bool:
    """Whether the port of an address is up, as the switch's own kernel says."""
    place = journey.lab.truth["addresses"][address]
    link = json.loads(journey.lab.run(["ip", "-json", "link", "show", place["port"]], part=place["switch"]).stdout)
    return "UP" in link[0]["flags"]


def _read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
