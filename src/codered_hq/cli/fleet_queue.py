"""`codered fleet run-queue`: schedules, hosts that were off, runs that were broken off."""

import time
from datetime import UTC, datetime

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_running import exit_code_of, make_teller, open_means, tell_counts, tell_unlooked
from codered_hq.cli.tables import count, show_time
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.queue import WorkedOff, find_next, work_queue
from codered_hq.fleet.views import view_run

PAUSE = 15.0  # seconds between two looks of --watch


def run_queue(watch: bool) -> int:
    """One pass, or pass after pass until Ctrl-C."""
    means = open_means(enter_headquarters())
    while True:
        meant = HostRun.objects.filter(state__in=("queued", "running", "awaiting"))  # a yes may be there by now
        done = work_queue(means, datetime.now(UTC), make_teller(meant.count()), lambda line: say(f"codered: {line}"))
        code = _tell(done, watch)
        if not watch:
            return code
        time.sleep(PAUSE)


def _tell(done: WorkedOff, watch: bool) -> int:
    codes = []
    for run in done.runs:
        view = view_run(run)
        say(f"codered: {run.word} {run.uid[:8]}: {tell_counts(view)}")
        codes.append(exit_code_of(view))
    for failure in done.failed:
        say(f"codered: {printable(failure)}")
        codes.append(ExitCode.INCOMPLETE)
    if done.closed:
        say(f"codered: {count(done.closed, 'case')} closed: a whole look after the watch found nothing")
    if done.unlooked and (not watch or done.runs):
        codes.append(ExitCode.INCOMPLETE)
        say(f"codered: {tell_unlooked(done.unlooked)}")
    waiting = HostRun.objects.filter(state__in=("queued", "running")).count()
    if not watch or done.runs:
        at = show_time(find_next(datetime.now(UTC)))
        then = f"; next try at {at} UTC" if at and waiting else ""
        say(f"codered: {count(waiting, 'host')} queued{then}")
    if held := HostRun.objects.filter(state="awaiting").count():
        say(f"codered: {count(held, 'host')} await approval: codered approve list")
        codes.append(ExitCode.INCOMPLETE)
    ranks = (ExitCode.NOT_ROLLED_BACK, ExitCode.ROLLED_BACK, ExitCode.FOUND)
    found = next((rank for rank in ranks if rank in codes), None)
    if found is not None:
        return found
    return ExitCode.INCOMPLETE if waiting or any(codes) else ExitCode.CLEAN  # refused by the rules is a gap here
