"""drill start | status | score | end: what they do, and what they tell the team."""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from codered.model.errors import CodeRedError
from codered_hq.config import headquarters_folder
from lab.building import find_dead, lower_lab, raise_lab
from lab.drilling.paper import NAME, Paper, read_paper
from lab.drilling.staging import find_sick, list_machines
from lab.journey.alarm import let_the_laptop_scan
from lab.journey.playing import LABS
from lab.journey.preparing import prepare
from lab.journey.telling import Journey, WentWrong, check
from lab.namespaces import CannotBuild
from lab.people import PEOPLE
from lab.records import Record, read_record
from lab.running import Running, give_environment

ROOT = Path(__file__).resolve().parents[2]
DONE, INCOMPLETE, FAILED = 0, 3, 7


def play_drill(folder: Path, given: argparse.Namespace) -> int:
    """One of the words; its exit code. Raises CannotBuild."""
    return _WORDS[given.what](folder, given)


def _start(folder: Path, given: argparse.Namespace) -> int:
    """The laboratory as it is on a quiet day, then the alarm: from here on it is the team's."""
    _check_unused(folder, LABS[given.size])
    print("lab: the laboratory is made ready for the drill; that takes a minute", file=sys.stderr)
    record = raise_lab(folder, LABS[given.size])
    try:
        _sound_alarm(Running(folder, record), given.size)
        check(ask_headquarters(folder, "enter") == DONE, "headquarters does not take it")
    except BaseException as error:
        lower_lab(folder)  # half ready it is of no use, and nobody had used it
        if not isinstance(error, WentWrong):
            raise
        print(f"lab: the drill can't begin: {error}", file=sys.stderr)
        return FAILED
    return _status(folder, given)


def _check_unused(folder: Path, size: str) -> None:
    """Raises CannotBuild if a laboratory is there that is another, or is not as it was built."""
    record = read_record(folder)
    if record is None:
        return
    if (folder / NAME).exists():
        raise CannotBuild(f"{folder}: a drill goes on there; end it first: lab drill end")
    used = (folder / "headquarters" / "headquarters.sqlite3").exists()
    if used or (record.size, record.salt) != (size, False):
        what = "it has been used" if used else f"it is {record.size}, not {size}"
        raise CannotBuild(f"{folder}: a laboratory is there, and {what}; lab down, or another folder with --into")


def _sound_alarm(lab: Running, size: str) -> None:
    journey = Journey(lab, size, lambda _line: None)  # what is a quiet day's work is not told
    prepare(journey)
    scans, capture = let_the_laptop_scan(journey)
    check(not journey.wrong(), f"told otherwise than planted: {journey.wrong()}")
    began = datetime.now(UTC).replace(microsecond=0)
    Paper(
        name=f"lab-{began:%Y%m%d-%H%M%S}", began=began.isoformat(), size=size, scans=scans, capture=str(capture),
        machines=list_machines(lab.truth, find_sick(lab.truth)),
    ).write(lab.folder)  # fmt: skip


def tell_team(folder: Path, paper: Paper) -> str:
    """What the team knows, who is in it, and how they speak."""
    roles: dict[str, list[str]] = {}
    for name, role in PEOPLE.items():
        roles.setdefault(role.replace("_", " "), []).append(name)
    team = "; ".join(f"{role} {', '.join(names)}" for role, names in roles.items())
    keys, commander = folder / "people", next(iter(PEOPLE))
    speaker = f"--as {commander} --key {keys}/{commander.lower()}.key"
    return "\n".join(
        (
            f"DRILL {paper.name}, since {paper.since:%H:%M} UTC. Nothing real is in reach.",
            f"What you know: {paper.scans} scans (capture: {paper.capture}).",
            f"The team:      {team}",
            f"Their keys:    {keys}/NAME.key; who may be probed: {folder}/authorisation.yaml",
            "At headquarters every word is said like this (docs/incident.md has them all):",
            f'  hq() {{ {ROOT}/lab/lab run --into {folder} -- codered "$@"; }}',
            f"  hq hosts show {paper.scans}",
            f"  hq incident declare outbreak --title WHAT --pack codered2 {speaker}",
            f"  hq contain host NAME --reason WHY --yes --as Nora --key {keys}/nora.key",
            f"The score: codered drill lab score --into {folder}; the end: codered drill lab end --into {folder}",
        )
    )


def _status(folder: Path, _given: argparse.Namespace) -> int:
    """What the team was told, and how it stands."""
    record, paper = _need(folder)
    print(tell_team(folder, paper))
    code = ask_headquarters(folder, "status")
    dead = find_dead(record)
    for name in dead:
        print(f"lab: {name} is dead", file=sys.stderr)
    return code or (INCOMPLETE if dead else DONE)


def _score(folder: Path, given: argparse.Namespace) -> int:
    _need(folder)
    return ask_headquarters(folder, "score", "--real", _find_real(), *(["--json"] if given.json else []))


def _end(folder: Path, given: argparse.Namespace) -> int:
    """The score, the lessons and the report outlive the laboratory: a real headquarters keeps them."""
    _need(folder)
    code = ask_headquarters(folder, "end", "--real", _find_real())
    if code == DONE and not given.keep:
        lower_lab(folder)
        print(f"lab: down in {folder}", file=sys.stderr)
    return code


def _find_real() -> str:
    """The headquarters of who runs this, which need not be there: scores of drills are kept below its folder."""
    try:
        return str(headquarters_folder())
    except CodeRedError as error:
        raise CannotBuild(str(error)) from error


def _need(folder: Path) -> tuple[Record, Paper]:
    record = read_record(folder)
    if record is None:
        raise CannotBuild(f"{folder}: no laboratory there; begin a drill with: lab drill start")
    return record, read_paper(folder)


def ask_headquarters(folder: Path, *words: str) -> int:
    """What the laboratory's headquarters does about the drill, in a process that has no other one."""
    command = [sys.executable, "-P", "-m", "lab.drilling.desk", *words, "--into", str(folder)]
    environment = give_environment(folder) | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    sys.stdout.flush()
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603


_WORDS = {"start": _start, "status": _status, "score": _score, "end": _end}
