"""Step 5, recover: machines that are proved clean go back; then three days of watching, in which a host is infected
again, and all is swept once more.
"""

import json
import time

from lab.journey.containing import ORDINARY, VITAL
from lab.journey.detecting import GENTLY, LINUX
from lab.journey.eradicating import REBUILT, apply_with_approval
from lab.journey.finding import answers, find_address, list_states
from lab.journey.telling import Journey, check
from lab.journey.windows_disk import make_new_disk

PATCHED = "iis5-unmapped"
AGAIN = "linux-web1"
"""The host that is infected again."""
CURED = ("linux-web1", "linux-web2", "linux-app")
ALLOWED = "--allow 10.60.0.0/24 --confirm-within 0"
"""Headquarters' network stays; the rules of the host hold until somebody takes them back."""
WATCH_MINUTES = 1
"""Stands for the 72 hours: `watch_minutes` of the laboratory's headquarters."""


def recover(journey: Journey) -> None:
    """Back into the network, proved and patched."""
    journey.begin("recover", 165, "machines go back, proved clean")
    journey.say("incident", "step", "outbreak", "recover", code=0, by="Cora")
    branches = sorted(
        {each["machine"] for each in journey.lab.truth["addresses"].values() if each["machine"].startswith("farm")}
    )
    for name in ("iis-backdoor", *REBUILT, "iis-unpatched", "pc1", *branches):
        journey.lab.dress(name, PATCHED)
    journey.note("the Web team and Office support have patched or rebuilt their servers: iis-backdoor, iis-defaced, "
                 "iis-nimda, iis-unpatched, pc1" + ", and those of the branches" * bool(branches))  # fmt: skip
    _clean_the_laptop(journey)
    for name in (*ORDINARY, VITAL):
        address = find_address(journey.lab, name)
        asked = journey.say(
            "contain", "release", name, "--reason", "proved clean and patched", "--yes", code=0, by="Cora"
        )
        check("answers again" in asked.out + asked.err, f"{name}: {asked}")
        journey.compare(f"{name} back in the network", True, answers(journey.lab, address))


def _clean_the_laptop(journey: Journey) -> None:
    """It is made anew too: whose disk it is, a person says."""
    disk, report = make_new_disk(journey.lab.folder / "cache" / "laptop"), journey.lab.folder / "cache" / "laptop.json"
    journey.say("scan", "--image", str(disk), "-o", str(report), code=0)
    why = "nobody knows what else it met on the road"
    journey.say("incident", "treat", "laptop", "rebuild", "--reason", why, code=0, by="Cora")
    journey.say("fleet", "take", str(report), "--host", "laptop", code=0, by="Ivo")


def watch(journey: Journey) -> None:
    """72 hours, shortened; on the second day the worm is back on one host, and the case is open again."""
    journey.begin("recover", 230, "the watch: 72 h, shortened to a minute for each host")
    words = ("--word", "verify", "--every", "24h", "--until", "72h", "--reason", "the watch")
    journey.say("fleet", "schedule", "add", *CURED, *words, code=0)
    journey.work_off()
    _compare_states(journey, dict.fromkeys(CURED, "watch"))
    verified = _come_back(journey)
    _sweep_again(journey)
    journey.at(3 * 24 * 60 + 230)
    _wait_for_the_end(journey, verified)
    scan = journey.ask("fleet", "scan", *LINUX, "--watch", "0s", code=0)
    for row in scan["hosts"]:
        journey.compare(f"last scan of {row['name']}", "clean", row["verdict"])
    _look_at_the_disk_again(journey)
    journey.work_off()
    _compare_states(journey, dict.fromkeys((*CURED, "iis-backdoor"), "closed"))


def _come_back(journey: Journey) -> float:
    """The worm is back, and goes again; when that was verified (of the monotonic clock): the watch begins anew then."""
    journey.at(24 * 60 + 315)
    journey.lab.infect(AGAIN)
    journey.note(f"the worm is back on {AGAIN} (inert): an old installer brought it")
    found = journey.say("fleet", "scan", AGAIN, "--watch", "0s", code=1)
    check("INFECTED" in found.err, found.err)
    shown = journey.ask("hosts", "show", AGAIN, code=0)["hosts"][0]
    journey.compare(f"{AGAIN} after the reinfection", "infected", shown["state"])
    journey.say("incident", "status", code=1)
    journey.at(24 * 60 + 330)
    _use_its_own_firewall(
        journey, f"Ivo isolates {AGAIN} by its own firewall; headquarters' way in stays", "on", ALLOWED
    )
    heard = [journey.lab.run(["busybox", "ping", "-q", "-c1", "-W1", find_address(journey.lab, AGAIN)], part=part)
             for part in ("linux-web2", "hq")]  # fmt: skip
    told = ["answers" if not each.returncode else "silent" for each in heard]
    journey.compare(f"{AGAIN}, to its neighbours and to headquarters", ["silent", "answers"], told)
    journey.say("fleet", "plan", AGAIN, code=0)
    apply_with_approval(journey, [AGAIN])
    journey.say("fleet", "verify", AGAIN, code=0)
    verified = time.monotonic()
    _use_its_own_firewall(journey, f"Ivo lets {AGAIN} back", "off")
    journey.say("fleet", "scan", AGAIN, "--watch", "0s", code=0)
    _compare_states(journey, {AGAIN: "watch"})
    return verified


def _sweep_again(journey: Journey) -> None:
    """On the third day."""
    journey.at(2 * 24 * 60 + 120)
    permit, result = str(journey.lab.folder / "authorisation.yaml"), journey.lab.folder / "cache" / "after.json"
    journey.say("sweep", "--all", *GENTLY, "--authorisation", permit, "-o", str(result), code=3)
    found = json.loads(result.read_text())["found"]
    bad = [each["address"] for each in found if each["state"] in ("infected", "vulnerable")]
    journey.compare("infected or vulnerable from headquarters' view", [], bad)


def _use_its_own_firewall(journey: Journey, about: str, *words: str) -> None:
    """`codered contain` on the host itself, by the one file that the fleet brought there."""
    tool = "python3.11 $(ls -t /var/lib/codered/fleet/*/codered-host.pyz | head -n 1)"
    command = f"{tool} contain {' '.join(words)} --yes"
    journey.act(about, [*journey.lab.ssh(AGAIN), command], part="hq")


def _wait_for_the_end(journey: Journey, verified: float) -> None:
    """The clock of the watch is headquarters' own."""
    time.sleep(max(0.0, verified + WATCH_MINUTES * 60 - time.monotonic()))
    journey.note("72 hours of the story have gone by, and nothing came back")


def _look_at_the_disk_again(journey: Journey) -> None:
    folder = journey.lab.folder / "cache" / "disk"
    report = folder / "day4.json"
    journey.say("scan", "--image", str(folder / "patched.raw"), "-o", str(report), code=0)
    journey.say("fleet", "take", str(report), "--host", "iis-backdoor", code=0, by="Ivo")


def _compare_states(journey: Journey, planted: dict[str, str]) -> None:
    states = list_states(journey, *planted)
    for name, state in planted.items():
        journey.compare(f"case of {name}, minute {journey.minute}", state, states[name])
