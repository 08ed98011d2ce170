"""What `codered work` does in each pass, part by part; one that fails keeps no other from being done."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from django.db import DatabaseError, InterfaceError

from codered.cli.lengths import parse_length
from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, ExitCode, WrongUse
from codered_hq.beating import Beat, beat
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.failing_parts import Failing
from codered_hq.cli.fleet_running import make_teller, open_means
from codered_hq.cli.tables import count
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.following import follow
from codered_hq.containment.models import Containment
from codered_hq.containment.settling import settle
from codered_hq.containment.waiting import carry_out_waiting
from codered_hq.drills.advancing import advance
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.queue import work_queue
from codered_hq.gate.expiring import expire
from codered_hq.incidents.calling import escalate
from codered_hq.incidents.outbox import work_outbox
from codered_hq.model.device import DeviceFailed
from codered_hq.opening import Headquarters
from codered_hq.reporting.hourly import make_due

SHORTEST, LONGEST = 1, 3600
"""Seconds between two passes."""

Part = Callable[[Headquarters, datetime], list[str]]


def work(*, once: bool, pause: str, until_eof: bool = False) -> int:
    """One pass, or pass after pass until somebody ends it (`until_eof`: or standard input ends, which is a pipe of who
    started us). Raises WrongUse.
    """
    seconds = parse_length(pause, "--every")
    if not SHORTEST <= seconds <= LONGEST:
        raise WrongUse("is too short or too long", where="--every", advice="from 1s to 1h")
    entered = enter_headquarters()
    failing = Failing()
    with _hear_signals() as ended:
        if until_eof:
            threading.Thread(target=_wait_for_end, args=[ended], daemon=True).start()
        while True:
            code = _work_once(entered, ended, seconds, failing)
            if once or ended.wait(seconds):
                return code if once else ExitCode.CLEAN


def _work_once(entered: Headquarters, ended: threading.Event, pause: float, failing: Failing) -> ExitCode:
    for name, part in PARTS.items():
        if ended.is_set():
            break
        _tell_alive(entered, pause, failing.parts, name)
        try:
            lines = part(entered, datetime.now(UTC))
        except (CodeRedError, DeviceFailed, DatabaseError, InterfaceError, OSError) as error:
            lines = failing.note(name, str(error))
        else:
            lines += failing.forget(name)
        for line in lines:
            say(f"codered: {name}: {printable(line)}")
    unsaid = _tell_alive(entered, pause, failing.parts)
    for line in failing.note("beat", unsaid) if unsaid else failing.forget("beat"):
        say(f"codered: beat: {printable(line)}")
    if Containment.objects.filter(state="stuck").exists():
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if failing.parts else ExitCode.CLEAN


def _tell_alive(entered: Headquarters, pause: float, failed: dict[str, str], doing: str = "") -> str:
    """Why it can't be said; containments are taken back all the same."""
    said = Beat(at=datetime.now(UTC), pause=pause, pid=os.getpid(), failed=dict(failed), doing=doing)
    try:
        beat(entered.folder, said)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _wait_for_end(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


@contextmanager
def _hear_signals() -> Iterator[threading.Event]:
    """A part that is under way is finished; a second signal is as hard as ever."""
    ended = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def end(number: int, _frame: FrameType | None) -> None:
        ended.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, end)
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _settle(entered: Headquarters, at: datetime) -> list[str]:
    return settle(entered.config, entered.folder, at)


def _carry_out(entered: Headquarters, at: datetime) -> list[str]:
    return carry_out_waiting(Surroundings(entered.config), entered.folder, at)


def _follow(entered: Headquarters, at: datetime) -> list[str]:
    return follow(Surroundings(entered.config), entered.folder, at)


def _expire(_entered: Headquarters, at: datetime) -> list[str]:
    number = expire(at)
    return [f"{count(number, 'decision')} expired: nobody used or approved in time"] if number else []


def _escalate(_entered: Headquarters, at: datetime) -> list[str]:
    return [f"{call.person.name} is called as {call.role}: {call.why}" for call in escalate(at)]


def _send(entered: Headquarters, at: datetime) -> list[str]:
    done = work_outbox(entered.config, at)
    if not (done.sent or done.failed or done.given_up):
        return []
    return [f"{done.sent} sent, {done.failed} failed, {done.given_up} given up, {done.waiting} waiting"]


def _report(entered: Headquarters, at: datetime) -> list[str]:
    return [f"{made.incident}: {made.problem or ', '.join(map(str, made.files))}" for made in
            make_due(entered.config, at)]  # fmt: skip


def _run_fleet(entered: Headquarters, at: datetime) -> list[str]:
    lines: list[str] = []
    queued = HostRun.objects.filter(state__in=("queued", "running")).count()
    done = work_queue(open_means(entered), at, make_teller(queued), lines.append)
    lines += [f"{run.word} {run.uid[:8]}: {run.state}" for run in done.runs]
    lines += [f"{count(done.closed, 'case')} closed"] if done.closed else []
    return [*lines, *done.failed]


def _play(entered: Headquarters, at: datetime) -> list[str]:
    return advance(entered.folder, at) if entered.config.exercise else []


PARTS: dict[str, Part] = {
    "containment": _settle,
    "approved": _carry_out,
    "following": _follow,
    "approvals": _expire,
    "calls": _escalate,
    "notices": _send,
    "reports": _report,
    "fleet": _run_fleet,
    "drills": _play,
}
"""In this order: what is to be taken back comes first, what may take long last."""
