"""Step 4, eradicate: Linux hosts by the fleet; the Windows disk in an overlay, with evidence and scripts; others made
anew.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from lab.journey.detecting import LINUX
from lab.journey.finding import lies_there, list_states
from lab.journey.telling import Journey, check
from lab.journey.windows_disk import install_patch, make_infected_disk, make_new_disk
from tests.fixtures.ntfs_volumes import mounted_ntfs

REBUILT = ("iis-defaced", "iis-nimda")
SURE = ("confirmed", "likely")


def clean_linux_hosts(journey: Journey) -> None:
    """Plans, what waits for a yes, the cure, the proof."""
    journey.begin("eradicate", 95, "what is on the Linux hosts goes")
    journey.say("incident", "step", "outbreak", "eradicate", code=0, by="Cora")
    journey.say("fleet", "plan", *LINUX, code=0)
    journey.say("fleet", "plan", "--show", "linux-web1", code=0)
    journey.say("fleet", "apply", *LINUX, code=2)  # nobody is asked, and nobody said --yes
    for name in LINUX:  # the rules let nobody kill a process before
        where = ("--container", f"safe 3, {name}", "--elsewhere")
        journey.say("incident", "evidence", name, *where, code=0, by="Cora")
    apply_with_approval(journey, list(LINUX))
    journey.say("fleet", "verify", *LINUX, code=0)
    truth = journey.lab.truth["hosts"]
    for name in LINUX:
        left = [find["path"] for find in truth[name]["findings"] if lies_there(journey.lab, name, find["path"])]
        journey.compare(f"left on {name}", 0, len(left))
    states = list_states(journey, *LINUX)
    for name in LINUX:
        journey.compare(f"case of {name}", "verified" if truth[name]["infected"] else "unknown", states[name])


def apply_with_approval(journey: Journey, names: list[str]) -> None:
    """Nothing is changed before the commander has said yes to each kind of change."""
    waiting = journey.ask("fleet", "apply", *names, "--yes", "--reason", "it spreads", code=5, by="Nora")
    states = {host["name"]: host["state"] for host in waiting["hosts"]}
    for name in names:
        if journey.lab.truth["hosts"][name]["infected"]:
            journey.compare(f"cure of {name} before the yes", "awaiting", states[name])
    for decision in journey.ask("approve", "list", code=0)["decisions"]:
        journey.compare(f"who must approve {decision['kind']}", "incident_commander", decision["missing"][0])
        journey.say("approve", "yes", decision["uid"][:8], code=0, by="Cora")
    journey.work_off()


def clean_windows_disk(journey: Journey) -> list[Path]:
    """The disk of iis-backdoor in an overlay: the evidence is never touched. Needs nothing of headquarters' database.
    Reports to bring there: infected, cleaned and patched.
    """
    journey.begin("eradicate", 60, "the disk of iis-backdoor, without its own system")
    folder = journey.lab.folder / "cache" / "disk"
    image, planted = make_infected_disk(folder)
    before = hashlib.sha256(image.read_bytes()).hexdigest()
    report, plan, scripts = folder / "infected.json", folder / "plan.json", folder / "scripts"
    journey.say("scan", "--image", str(image), "-o", str(report), code=1)
    found = json.loads(report.read_text())["findings"]
    names = {one["subject"].get("key") or one["subject"].get("shown") for one in found if one["confidence"] in SURE}
    lower = {str(name).lower() for name in names}
    journey.compare("planted on the disk and not named", [], [each for each in planted if each.lower() not in lower])
    journey.say("plan", str(report), "-o", str(plan), code=0)
    journey.say("script", str(plan), "--for", "iis5", "-o", str(scripts), code=0)
    journey.say("script", "--check", str(scripts), code=0)
    _save_evidence(journey, folder)
    journey.at(72)
    journey.say("apply", str(plan), "--yes", code=0)
    journey.compare("the image after the cure", before, hashlib.sha256(image.read_bytes()).hexdigest())
    verified = journey.say("verify", str(plan), code=0)
    check(verified.out.startswith("CLEAN"), verified.out[:300])
    check("is still open" in " ".join(verified.out.split()), verified.out[:800])  # to the next one
    number = json.loads(plan.read_text())["id"]
    (overlay,) = (journey.lab.folder / "state" / "cases" / number).rglob("overlay.qcow2")
    journey.at(80)
    patched = folder / "patched.json"
    journey.note("the Web team installs the patch MS01-033 on the cleaned disk")
    disk = install_patch(overlay, folder)
    done = journey.say("scan", "--image", str(disk), "-o", str(patched), code=0)
    check("patched: Code Red II" in " ".join(done.out.split()), done.out[:800])
    return [report, patched]


def _save_evidence(journey: Journey, folder: Path) -> None:
    """What was found, from the disk mounted for reading, sealed; proved by the verifier that stands alone."""
    into, report = folder / "evidence", folder / "mounted.json"
    with mounted_ntfs(folder / "volume", folder / "mounted", "ro") as top:
        journey.say("scan", "--root", str(top), "-o", str(report), code=1)
        words = ("--report", str(report), "-o", str(into), "--by", "Ivo", "--authority", "outbreak")
        journey.say("evidence", "collect", *words, code=0)
    container = next(path for path in (into, *into.iterdir()) if (path / "manifest.json").exists())
    key = container / "host.pub"
    alone = subprocess.run(  # noqa: S603
        [sys.executable, "-I", str(container / "verify_evidence.py"), str(container), "--key", str(key)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    journey.compare("the stand-alone verifier's exit code", 0, alone.returncode)
    check(alone.returncode == 0, alone.stdout + alone.stderr)
    journey.say("evidence", "verify", str(container), "--key", str(key), code=0)


def bring_windows_hosts(journey: Journey, reports: list[Path]) -> None:
    """What was seen on disks, at headquarters: a person says whose they were, and decides clean or rebuild."""
    journey.at(140)
    infected, patched = map(str, reports)
    container = journey.lab.folder / "cache" / "disk" / "evidence"
    place = next(path for path in (container, *container.iterdir()) if (path / "manifest.json").exists())
    journey.say("incident", "evidence", "iis-backdoor", "--container", str(place), code=0, by="Ivo")
    journey.say("fleet", "take", infected, "--host", "iis-backdoor", code=4)  # nobody vouches for it
    journey.say("fleet", "take", infected, "--host", "iis-backdoor", code=1, by="Ivo")
    clean = "one back door, closed; nobody but the worm came in by it: the logs of the whole time are there"
    journey.say("incident", "treat", "iis-backdoor", "clean", "--reason", clean, code=0, by="Cora")
    new = make_new_disk(journey.lab.folder / "cache" / "new")
    for name in REBUILT:
        journey.say("incident", "treat", name, "rebuild", "--reason", "the worm ran there; no backup is older",
                    code=0, by="Cora")  # fmt: skip
        report = journey.lab.folder / "cache" / f"{name}.json"
        journey.say("scan", "--image", str(new), "-o", str(report), code=0)
        journey.say("fleet", "take", str(report), "--host", name, code=0, by="Ivo")
    journey.say("fleet", "take", patched, "--host", "iis-backdoor", code=0, by="Ivo")
    journey.compare("case of iis-backdoor", "verified", list_states(journey, "iis-backdoor")["iis-backdoor"])
