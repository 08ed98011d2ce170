"""The whole journey, in a laboratory that is up; and for people, in one of its own."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.journey.alarm import raise_alarm
from lab.journey.containing import come_back_on_time, contain, meet_the_cap, without_headquarters
from lab.journey.detecting import detect
from lab.journey.eradicating import bring_windows_hosts, clean_linux_hosts, clean_windows_disk
from lab.journey.learning import find_papers, learn
from lab.journey.preparing import prepare
from lab.journey.recovering import WATCH_MINUTES, recover, watch
from lab.journey.telling import BEGINS, Journey, WentWrong
from lab.running import Running, running

FORMAT = "codered/journey-record/1"
LABS = {"small": "floor", "large": "whole"}
"""Size of the journey -> size of the laboratory."""
DONE, FAILED = 0, 1
_ENDS = {
    "hosts": ("hosts", "show"), "coverage": ("sweep", "--coverage"), "containments": ("contain", "list"),
    "fleet": ("fleet", "status"), "timeline": ("incident", "timeline", "outbreak"),
    "status": ("incident", "status", "outbreak"), "lessons": ("incident", "lessons", "list", "--incident", "outbreak"),
}  # fmt: skip
_FINDINGS = """
import sys
import msgspec
from codered_hq.cli.entering import enter_headquarters
enter_headquarters()
from codered_hq.fleet.ingesting import find_finding
from codered_hq.fleet.models import StoredFinding
rows = StoredFinding.objects.select_related("host", "report").order_by("pk")
found = [{"host": row.host.label, "first_seen": row.first_seen, "finding": find_finding(row)} for row in rows]
sys.stdout.buffer.write(msgspec.json.encode(found))
"""
"""No word lists all findings with what they are about; the console and the API do."""


def play(lab: Running, size: str, tell: Callable[[str], object] = print) -> Journey:
    """From the first alarm to the lessons learned. Raises WentWrong at the first step that does not come to what it
    must; what was told otherwise than planted is in the journey's table.
    """
    shorten_the_watch(lab)
    journey = Journey(lab, size, tell)
    prepare(journey)
    raise_alarm(journey)
    detect(journey)
    contain(journey)
    held = meet_the_cap(journey)
    with without_headquarters(journey):
        reports = clean_windows_disk(journey)
        come_back_on_time(journey, held)
    journey.say("work", "--once", code=0)
    clean_linux_hosts(journey)
    bring_windows_hosts(journey, reports)
    recover(journey)
    watch(journey)
    learn(journey)
    return journey


def shorten_the_watch(lab: Running) -> None:
    """72 hours are a minute in this laboratory; nothing else of its headquarters is another."""
    config = lab.folder / "headquarters" / "headquarters.toml"
    text = config.read_text()
    config.write_text(text.replace('name = "lab"\n', f'name = "lab"\nwatch_minutes = {WATCH_MINUTES}\n', 1))


def make_record(journey: Journey, began: float) -> dict[str, Any]:
    """All that happened, what the sweep saw and reports found, how it stands at the end: as the words' own documents
    tell it.
    """
    ends: dict[str, Any] = {}
    for name, words in _ENDS.items():
        done = journey.lab.run([sys.executable, "-m", "codered", *words, "--json"])
        ends[name] = json.loads(done.stdout)
    findings = journey.lab.run([sys.executable, "-c", _FINDINGS])
    swept = json.loads((journey.lab.folder / "cache" / "sweep.json").read_text())
    start = f"{BEGINS // 60:02}:{BEGINS % 60:02}"
    return {
        "format": FORMAT, "size": journey.size, "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "story": f"minutes of the story count from {start} of its first day; seconds are real",
        "steps": journey.record(), "hosts": ends.pop("hosts")["hosts"],
        "table": [row._asdict() for row in journey.rows], "swept": swept["found"],
        "findings": json.loads(findings.stdout), **ends,
    }  # fmt: skip


def play_and_print(folder: Path, size: str, record: str) -> int:
    """For people: a laboratory of its own in `folder`, each step a line, at the end the table; 1 if it went wrong."""
    began = time.time()
    with running(folder, LABS[size]) as lab:
        try:
            journey = play(lab, size)
        except WentWrong as error:
            print(f"\nlab: {error}")
            return FAILED
        print(f"\n{journey.draw()}")
        if record:
            path = Path(record).absolute()
            path.write_text(json.dumps(make_record(journey, began), indent=1) + "\n")
            for paper in find_papers(lab.folder):
                shutil.copy(paper, path.parent / f"{path.stem}-{paper.name}")
            print(f"lab: recorded in {path}, its two reports beside it")
    wrong = journey.wrong()
    took = time.time() - began
    print(f"lab: {len(journey.steps)} steps in {took:.0f} s; {len(journey.rows)} compared, {len(wrong)} told otherwise")
    return FAILED if wrong else DONE
