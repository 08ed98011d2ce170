"""`codered fleet status`: all runs, or every host of one."""

from datetime import UTC, datetime

import msgspec

from codered.cli.output import say, show
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_choosing import find_run
from codered_hq.cli.fleet_running import draw_tasks, exit_code_of, tell_counts, tell_unlooked
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.fleet.cases import find_unlooked
from codered_hq.fleet.views import MISSING, RunList, RunView, view_run, view_runs


def show_status(uid: str, missing: bool, as_json: bool) -> int:
    """Print it; of one run, the exit code is the run's."""
    enter_headquarters()
    if not uid:
        if unlooked := find_unlooked(datetime.now(UTC)):
            say(f"codered: {tell_unlooked([host.label for host in unlooked])}")
        return _show_runs(view_runs(), as_json)
    run = find_run(uid)
    if run is None:
        raise WrongUse("no such run", where=uid[:40], advice="codered fleet status lists them")
    view = view_run(run)
    if missing:
        left = tuple(task for task in view.hosts if task.state in MISSING)
        view = msgspec.structs.replace(view, hosts=left)
    if as_json:
        show(msgspec.json.encode(view).decode() + "\n")
    else:
        ended = f", ended {show_time(view.ended)}" if view.ended else f", tried until {show_time(view.expires)}"
        show(f"{view.word} {view.uid}, {view.state}, begun {show_time(view.started)}{ended} UTC\n{tell_counts(view)}\n")
        show(draw_tasks(view.hosts))
    return exit_code_of(view)


def _show_runs(runs: RunList, as_json: bool) -> int:
    if as_json:
        show(msgspec.json.encode(runs).decode() + "\n")
    elif not runs.runs:
        show("no runs yet; codered fleet scan --all begins one\n")
    else:
        titles = ("run", "word", "state", "begun (UTC)", "hosts", "what came of them")
        show(draw_table(titles, map(_make_row, runs.runs)) + f"{count(len(runs.runs), 'run')}\n")
    return ExitCode.CLEAN


def _make_row(run: RunView) -> tuple[str, ...]:
    hosts = f"{sum(run.counts.values()):,}"
    return run.uid[:8], run.word, run.state, show_time(run.started), hosts, tell_counts(run)
