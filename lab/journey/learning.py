"""Step 6, lessons: what is to change, by whom and by when; the incident is closed, told on a page, and proved."""

from pathlib import Path

from lab.journey.telling import Journey, check

WHY = "plant-hmi is life safety: it is cleaned in the stop of the line on Sunday, and watched by Plant control"
BRANCHES = "The servers of the branches are patched and answer so; their disks are looked at within a week"
LIVE = ("open", "claimed", "blocked")
LESSONS = (
    ("Laptops that were away got into the office network unlooked", "Nils", "14d",
     "802.1X: unknown and long absent machines land in the guest network"),
    ("No server of the Web team was on the list for patches", "Bruno", "30d",
     "the list is made from the inventory, and looked at each month"),
    ("linux-web1 was infected again by an old installer", "Ivo", "7d",
     "installers come from the signed repository alone"),
)  # fmt: skip


def learn(journey: Journey) -> None:
    """Three days after the last finding."""
    journey.begin("lessons", 3 * 24 * 60 + 300, "what is to change, and the end")
    journey.say("incident", "step", "outbreak", "lessons", code=0, by="Cora")
    for text, owner, due, control in LESSONS:
        words = ("--owner", owner, "--due", due, "--control", control)
        journey.say("incident", "lessons", "add", text, *words, code=0, by="Cora")
    journey.say("incident", "lessons", "close", "3", "--proof", "the installer share is gone; change 4711",
                "--recheck", "30d", code=0, by="Cora")  # fmt: skip
    journey.say("incident", "lessons", "list", code=0)
    left = BRANCHES if journey.size == "large" else "All but one are proved clean and patched"
    summary = ("A laptop that had been away brought Code Red II inside. Three web servers were infected, and three "
               f"Linux hosts had other malware. {left}.")  # fmt: skip
    journey.say("incident", "set", "--summary", summary, code=0, by="Cora")
    _close(journey)
    _prove(journey)


def _close(journey: Journey) -> None:
    """Not while anything is open, unless somebody says why."""
    _finish_tasks(journey)
    refused = journey.say("incident", "close", "outbreak", code=4, by="Cora")
    check("suspect" in refused.out + refused.err, refused.err)
    journey.say("incident", "treat", "plant-hmi", "live-with-it", "--reason", WHY, code=0, by="Cora")
    more = f". {BRANCHES}" if journey.size == "large" else ""
    journey.say("incident", "close", "outbreak", "--leave-open", WHY + more, code=0, by="Cora")


def _finish_tasks(journey: Journey) -> None:
    """Those that hold it up: urgent ones, and those of the step."""
    for task in journey.ask("task", "list", code=0)["tasks"]:
        if task["state"] in LIVE and (task["priority"] == 1 or task["step"] == "lessons"):
            number, result = str(task["number"]), "done, as the ledger shows"
            journey.say("task", "done", number, "--result", result, code=0, by="Cora")


def _prove(journey: Journey) -> None:
    folder = journey.lab.folder
    status = folder / "cache" / "status.pdf"
    # 1: plant-hmi is still suspected, and stands in it.
    journey.say("incident", "status", "outbreak", "--pdf", str(status), code=1)
    journey.say(
        "incident", "status", "outbreak", "--executive", "--pdf", str(folder / "cache" / "executive.pdf"), code=1
    )
    told = journey.say("incident", "status", "outbreak", "--executive", code=1)
    for words in ("How it came in", "How far it spread", "Cut off", "Clean", "Came back", "Not looked at", "lesson:"):
        journey.compare(f"the page for executives tells: {words}", True, words in told.out)
    check(status.read_bytes()[:5] == b"%PDF-", "the report is no PDF")
    ledger = folder / "cache" / "ledger.jsonl"
    journey.say("incident", "export", "outbreak", "--format", "ledger", "-o", str(ledger), code=0)
    public = str(folder / "headquarters" / "keys" / "headquarters.key.pub")
    proved = journey.say("evidence", "verify", str(ledger), "--key", public, code=0)
    check("as it was sealed" in proved.out, proved.out)
    for form in ("ocsf", "stix", "cacao"):
        path = folder / "cache" / f"outbreak.{form}"
        journey.say("incident", "export", "outbreak", "--format", form, "-o", str(path), code=0)
        check(path.stat().st_size > 500, f"{form} is empty")
    timeline = journey.say("incident", "timeline", "outbreak", code=0)
    for words in ("in place until", "taken back by timer of the device", "isolate-cap", "never-touch", "Edda", "Bruno"):
        journey.compare(f"the timeline tells: {words}", True, words in timeline.out)


def find_papers(folder: Path) -> tuple[Path, Path]:
    """The two reports (PDF) of a journey in this laboratory."""
    return folder / "cache" / "status.pdf", folder / "cache" / "executive.pdf"
