"""What the words of drills do."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, Refused, WrongUse
from codered_hq.cli.entering import enter_headquarters, find_settings
from codered_hq.cli.speaking import find_speaker
from codered_hq.config import is_exercise
from codered_hq.drills import scenario_files
from codered_hq.drills.advancing import advance
from codered_hq.drills.after_action import render_kept
from codered_hq.drills.answering import answer_inject, end_drill, find_drill
from codered_hq.drills.copying import enter_crew
from codered_hq.drills.history import find_before, read_history
from codered_hq.drills.models import Drill
from codered_hq.drills.ranges import Wanted, find_free_name, list_ranges, make_environment, make_range, note_begun
from codered_hq.drills.scoring import Score
from codered_hq.drills.scoring import score as measure_score
from codered_hq.drills.starting import Beginning, begin
from codered_hq.drills.sweeping import sweep_range
from codered_hq.reporting.writing import write_bytes


def list_scenarios() -> int:
    """A line for each."""
    for name, one in scenario_files.list_scenarios().items():
        hosts = sum(subnet.hosts for subnet in one.population)
        click.echo(f"{name:24} {one.minutes:3} min  {hosts:5,} machines  {one.title}")
    return ExitCode.CLEAN


def start(scenario: str, name: str, speed: float, given: dict[str, Any]) -> int:
    """In a real headquarters: make the drill's folder, and begin it there. In a drill's own: begin, once. Raises
    WrongUse and Refused.
    """
    found = scenario_files.find_scenario(scenario)
    entered, at = enter_headquarters(find_settings()), datetime.now(UTC)
    name = name or find_free_name(entered.folder, f"{Path(scenario).stem}-{at:%Y%m%d}")
    if is_exercise():
        if Drill.objects.exists():
            advice = "unset CODERED_HQ; then this word makes a headquarters for another drill"
            raise WrongUse("you are inside a drill", where=str(entered.folder), advice=advice)
        enter_crew(entered.folder, at)
        drill = begin(Beginning(name, found, speed), at)
        note_begun(entered.folder)
        click.echo(f"drill {printable(drill.name)} goes on: {drill.hosts.count():,} played machines")
        return ExitCode.CLEAN
    wanted = Wanted(scenario=scenario, name=name, speed=speed)
    folder = make_range(entered.folder, wanted, found, find_speaker(given).name, at)
    code = _begin_there(folder, scenario, name, speed)
    if code == ExitCode.CLEAN:
        click.echo(f"export CODERED_HQ={folder}")
        if os.environ.get("CODERED_HQ_DATABASE"):
            click.echo("unset CODERED_HQ_DATABASE")
        say("codered: where `codered serve` of the real headquarters runs, its page /drills/ leads to the war room")
        say(f"codered: without it: CODERED_HQ={folder} CODERED_CONSOLE_COOKIES=drill codered serve --port 8444")
        say("codered: every word with this CODERED_HQ is the drill's; codered work, or codered serve, plays it")
    return code


def _begin_there(folder: Path, scenario: str, name: str, speed: float) -> int:
    """A process has one headquarters: another one begins the drill in its own."""
    isolated = ["-I"] if sys.flags.isolated else ["-P"]
    words = ["drill", "tabletop", "start", scenario, "--name", name, "--speed", f"{speed:g}"]
    command = [sys.executable, *isolated, "-m", "codered", *words]
    with subprocess.Popen(  # noqa: S603
        command, env=make_environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        told = process.communicate()[0].decode(errors="replace").strip()
    if told:
        say(f"codered: {printable(told)}")
    return process.returncode


def show_status() -> int:
    """What was told, and what waits."""
    entered, at = enter_headquarters(), datetime.now(UTC)
    drill = find_drill()
    for line in advance(entered.folder, at):
        say(f"codered: {printable(line)}")
    state = f"ended {drill.ended_at:%H:%M} UTC" if drill.ended_at else "goes on"
    click.echo(f"{printable(drill.name)}: {printable(drill.title)}, {state}")
    for one in drill.injects.filter(due_at__lte=at).order_by("due_at", "number"):
        done = f"answered by {one.answered_by}" if one.answered_at else "waits for an answer" if one.minutes else "told"
        click.echo(printable(f"{one.number:3}  {one.due_at:%H:%M}  {one.kind} to {one.to}: {one.text} ({done})"))
    return ExitCode.CLEAN


def answer(inject: int, text: str, given: dict[str, Any]) -> int:
    """Note it. Raises Refused for who is nobody of the team, WrongUse."""
    enter_headquarters()
    speaker = find_speaker(given)
    if speaker.person is None:
        raise Refused("only people of the team may do this", where=speaker.name, advice="--as NAME --key FILE")
    done = answer_inject(find_drill(), inject, text, speaker, datetime.now(UTC))
    say(f"codered: inject {done.number} is answered")
    return ExitCode.CLEAN


def sweep(ranges: tuple[str, ...]) -> int:
    """Sweep some of the range."""
    entered, at = enter_headquarters(), datetime.now(UTC)
    advance(entered.folder, at)
    made = sweep_range(find_drill(), ranges, at)
    click.echo(", ".join(f"{state}: {number:,}" for state, number in made.counts.items()))
    return ExitCode.FOUND if made.counts.get("infected") else ExitCode.CLEAN


def end(given: dict[str, Any]) -> int:
    """End it, and show the score."""
    entered, at = enter_headquarters(), datetime.now(UTC)
    advance(entered.folder, at)
    made = end_drill(find_drill(), find_speaker(given), entered.folder, at)
    print_score(made, entered.folder)
    return ExitCode.CLEAN


def show_score(*, as_json: bool) -> int:
    """The score so far, or the final one; in a real headquarters that of the drill that ended last."""
    entered = enter_headquarters()
    if is_exercise():
        advance(entered.folder, datetime.now(UTC))
        drill = find_drill()
        made = msgspec.convert(drill.score, Score) if drill.score else measure_score(drill, datetime.now(UTC))
    else:
        history = read_history(entered.folder)
        if not history:
            raise WrongUse("no drill has ended yet", where=str(entered.folder), advice="codered drill tabletop start")
        made = history[-1]
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
    else:
        print_score(made, entered.folder)
    return ExitCode.CLEAN


def report(name: str, html: str, pdf: str) -> int:
    """Print the after-action report, or write it; in a real headquarters that of the named drill, or of the last that
    ended. Raises WrongUse.
    """
    folder = enter_headquarters().folder
    if not is_exercise():
        ended = [each for each in list_ranges(folder) if each.state == "ended" and name in ("", each.name)]
        if not ended:
            raise WrongUse("no such drill has ended", where=name or str(folder), advice="codered drill tabletop end")
        folder = ended[0].folder
    for place, form in ((html, "html"), (pdf, "pdf")):
        if place:
            write_bytes(Path(place), render_kept(folder, form))
            say(f"codered: wrote {printable(place)}")
    if not (html or pdf):
        click.echo(render_kept(folder, "text").decode(), nl=False)
    return ExitCode.CLEAN


def print_score(made: Score, folder: Path) -> None:
    """Each number with its target, and the score of the drill before, as the history of this headquarters has it."""
    click.echo(printable(f"{made.drill}: {made.total:g} of 100"))
    for one in made.measures:
        value = "never" if one.value is None else f"{one.value:g} {one.unit}"
        click.echo(f"{one.points:5g} of {one.weight:2}  {one.title}: {value} (target {one.target})")
    if made.weight != 100:
        click.echo(f"{made.weight} points can be won in a {made.kind}; the total is scaled to 100")
    if before := find_before(folder, made):
        click.echo(printable(f"the drill before, {before.drill}: {before.total:g} of 100"))
