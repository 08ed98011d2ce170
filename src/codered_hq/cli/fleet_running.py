"""What all words of `codered fleet` do: send a run on its way, tell how far it is, and what came of it."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.model.job import ScanWish
from codered.packs.loading import find_shipped_packs, list_packs
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_choosing import find_meant
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.orders import Giver, Wish
from codered_hq.fleet.permitting import BY_RULES
from codered_hq.fleet.running import Means, Tell, begin_run, carry_on, open_engines
from codered_hq.fleet.views import RunView, TaskView, view_run
from codered_hq.model.engine import Program
from codered_hq.opening import Headquarters

SECONDS_BETWEEN_LINES = 15.0
MOST_SHOWN = 200  # hosts after a run; `codered fleet status RUN` shows all
MOST_ALARMS = 50
MOST_UNLOOKED = 10
LONGEST_WATCH = 3600


def scan(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Scan the hosts that are meant."""
    entered = enter_headquarters()
    packs = tuple(filter(None, given["packs"].replace(",", " ").split()))
    if any(not path.startswith("/") for path in given["paths"]):
        raise WrongUse("is no full path", where="--path", advice="begin it with /")
    carried = list_packs(find_shipped_packs())
    if unknown := [name for name in packs if name not in carried]:
        raise WrongUse("no such pack", where=unknown[0][:80], advice=f"the host tool carries {', '.join(carried)}")
    look = ScanWish(fast=given["fast"], packs=packs, paths=tuple(given["paths"]), watch=_read_watch(given["watch"]))
    seconds = parse_length(given["timeout"], "--timeout")
    if not 10 <= seconds <= 86400:
        raise WrongUse("is too short or too long", where="--timeout", advice="from 10s to 1d")
    meant = find_meant(names, given)
    wish = Wish(scan=look, incident=given["incident"], seconds=seconds)
    run = begin_run("scan", meant.hosts, wish, datetime.now(UTC))
    return run_and_tell(entered, run, as_json=given["as_json"])


def _read_watch(text: str) -> int | None:
    """How many seconds the network is watched; None = as the host tool does by itself. Raises WrongUse."""
    seconds = parse_length(text, "--watch") if text else None
    if seconds is not None and seconds > LONGEST_WATCH:
        raise WrongUse("is too long", where="--watch", advice="at most 1h; codered monitor watches for days")
    return None if seconds is None else int(seconds)


def run_and_tell(entered: Headquarters, run: FleetRun, *, as_json: bool) -> int:
    """Send a run on its way, and tell what came of it; the exit code."""
    number = count(run.hosts.count(), "host")
    say(f"codered: {run.word} of {number}, run {run.uid[:8]}")
    try:
        carry_on(run, open_means(entered), make_teller(run.hosts.count()))
    except KeyboardInterrupt:
        say("codered: interrupted; what was answered is kept. Go on with: codered fleet run-queue")
        raise
    return tell_run(run, as_json=as_json)


def open_means(entered: Headquarters) -> Means:
    """What runs are made with here. The program is put together when it is first wanted."""
    made: dict[bool, Program] = {}

    def find_program(word: str) -> Program:
        from codered_hq.shipping.host_file import build_host_file

        probes = word == "sweep"
        if probes not in made:
            made[probes] = build_host_file(entered.folder / "programs", with_prober=probes)
        return made[probes]

    config = entered.config
    giver = Giver(config.name, entered.key)
    return Means(giver, find_program, open_engines(config), config.engine, entered.folder)


def make_teller(total: int) -> Tell:
    """Tells infected hosts at once, and now and then how far a run is."""
    counts: Counter[str] = Counter()
    began = spoke = time.monotonic()

    def tell(task: HostRun) -> None:
        nonlocal spoke
        counts[task.state] += 1
        if task.verdict in ("infected", "reinfected"):
            counts["infected"] += 1
            if counts["infected"] <= MOST_ALARMS:
                say(f"codered: {task.verdict.upper()}: {printable(task.host.label)}")
        if time.monotonic() - spoke >= SECONDS_BETWEEN_LINES:
            spoke = time.monotonic()
            done = sum(counts.values()) - counts["infected"]
            told = ", ".join(f"{number:,} {_name_state(state)}" for state, number in sorted(counts.items()))
            say(f"codered: {done:,} of {total:,} hosts: {told}; {spoke - began:.0f} s")

    return tell


def tell_run(run: FleetRun, *, as_json: bool) -> int:
    """What came of a run: on stdout its hosts, on stderr the counts; the exit code."""
    view = view_run(run)
    if as_json:
        show(msgspec.json.encode(view).decode() + "\n")
    else:
        show(draw_tasks(view.hosts[:MOST_SHOWN]))
    more = len(view.hosts) - MOST_SHOWN
    if more > 0 and not as_json:
        say(f"codered: and {count(more, 'more host')}: codered fleet status {run.uid[:8]}")
    say(f"codered: run {run.uid[:8]}: {tell_counts(view)}")
    if view.counts.get("awaiting"):
        say("codered: codered approve list shows who is missing; then: codered fleet run-queue")
    if view.counts.get("queued"):
        say("codered: queued hosts are tried again by: codered fleet run-queue")
    return exit_code_of(view)


def tell_counts(view: RunView) -> str:
    """How many hosts came to what."""
    told = [f"{number:,} {_name_state(state)}" for state, number in sorted(view.counts.items())]
    if view.found:
        told.append(f"something found on {view.found:,}")
    return ", ".join(told) + ("" if view.whole else "; not whole")


def tell_unlooked(names: Sequence[str]) -> str:
    """Of which hosts the watch is over, but not closed."""
    some = ", ".join(map(printable, names[:MOST_UNLOOKED])) + (" …" if len(names) > MOST_UNLOOKED else "")
    why = "not looked at whole since, or a finding or suspicion is open"
    return f"the watch of {count(len(names), 'host')} is over, but stays open ({why}): {some}; codered fleet scan them"


def exit_code_of(view: RunView) -> int:
    """7 and 6 if a change failed; 4 if the rules refused all of it, 5 if some of it awaits approval and nothing failed;
    1 if something was found, 3 if anything is missing, else 0.
    """
    if view.word in ("apply", "rollback"):
        codes = {task.exit_code for task in view.hosts if task.state == "failed"}
        for code in (ExitCode.NOT_ROLLED_BACK, ExitCode.ROLLED_BACK):
            if code in codes:
                return code
        if view.hosts and all(task.state == "refused" and task.outcome == BY_RULES for task in view.hosts):
            return ExitCode.REFUSED
        if view.counts.get("awaiting") and not view.counts.get("failed"):
            return ExitCode.AWAITING_APPROVAL
    if view.found:
        return ExitCode.FOUND
    return ExitCode.CLEAN if view.whole else ExitCode.INCOMPLETE


def draw_tasks(tasks: tuple[TaskView, ...]) -> str:
    """A line for each host."""
    titles = ("#", "host", "owner", "state", "verdict", "case", "tries", "next try", "why")
    drawn = [
        (
            f"{task.number}", task.name, task.owner or "-", _name_state(task.state), task.verdict or "-", task.case,
            f"{task.attempts}", show_time(task.next_try) or "-", task.reason,
        )
        for task in tasks
    ]  # fmt: skip
    return draw_table(titles, drawn)


def _name_state(state: str) -> str:
    return state.replace("_", " ")
