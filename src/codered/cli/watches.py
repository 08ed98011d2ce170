"""The watches that are kept: which there are, ending one, having systemd run one."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from codered import respond
from codered.cli import running
from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.model.monitoring import Gap, MonitorReport, MonitorState, WatchedPlace
from codered.model.target import ChangeableTarget
from codered.monitor.keeping import Keeping, list_names
from codered.monitor.lasting import find_gap
from codered.monitor.reporting import answer_report, has_alarms, make_report, render_report
from codered.monitor.unit import WatchUnit, install_unit, make_watch_unit, remove_unit, start_unit
from codered.remediate.systemd import tell_systemd
from codered.targets import open_target

STOP_SECONDS = 20.0
_PAUSE = 0.1


def show_status(monitors: Path, names: tuple[str, ...], *, as_json: bool) -> int:
    """One watch in full, or a line for each: 1 if something came back, 3 if one does not run that should, there was a
    gap, or one can't be read, else 0. Raises WrongUse.
    """
    if names:
        report, running_now = _read(Keeping(monitors, names[0]))
        show(_encode(report) if as_json else f"{'Running' if running_now else 'Not running'}. {render_report(report)}")
        return _answer(report)
    answers = [ExitCode.CLEAN]
    found: list[dict[str, Any]] = []
    for name in list_names(monitors):
        row, answer = _sum_up(Keeping(monitors, name))
        found.append(row)
        answers.append(answer)
    if as_json:
        show(_encode(found))
    for row in found if not as_json else ():
        alarming = "; something came back" if row["alarming"] else ""
        lasted = f", {row['seconds']:.0f} of {row['wanted']:.0f} s" if "seconds" in row else ""
        show(f"{row['name']}: {row['state']}{lasted}{alarming}\n")
    if not found:
        say("codered: no watch is kept here")
    return ExitCode.FOUND if ExitCode.FOUND in answers else max(answers)


def _sum_up(keeping: Keeping) -> tuple[dict[str, Any], ExitCode]:
    """A watch as a row; one that can't be read must not hide the others."""
    try:
        report, running_now = _read(keeping)
    except WrongUse as error:
        running = "running, " if keeping.is_running() else ""
        row = {"name": keeping.name, "state": f"{running}can't be told: {error}", "alarming": False}
        return row, ExitCode.INCOMPLETE
    state = "running" if running_now else "over" if report.over else "not running, unfinished"
    row = {"name": keeping.name, "state": state, "seconds": report.seconds, "wanted": report.wanted}
    return row | {"alarming": has_alarms(report)}, _answer(report)


def stop(monitors: Path, name: str) -> int:
    """End a watch, also one that does not run now, and take its unit away. Raises WrongUse."""
    keeping = Keeping(monitors, name)
    state = keeping.read_state()
    if state is None:
        raise WrongUse("no watch has this name", where=name, advice="see `codered monitor status`")
    was_running = keeping.is_running()
    if was_running:
        keeping.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        while keeping.is_running() and time.monotonic() < until:
            time.sleep(_PAUSE)
        if keeping.is_running():
            say(f"codered: the watch {name} does not end: it was asked to")
            return ExitCode.INCOMPLETE
    elif state.ended is None:
        keeping.open()
        state = msgspec.structs.replace(_add_silence(keeping, state), ended=datetime.now(UTC))
        keeping.write(state)
        keeping.write(_make_report(keeping, state))
        keeping.close()
    if state.unit:
        take_unit_away(name, open_target())
    report, _ = _read(keeping)
    show(render_report(report))
    return answer_report(report)


def install(keeping: Keeping, state: MonitorState, target: ChangeableTarget) -> int:
    """Have systemd run this watch. Raises Refused."""
    name = state.orders.name
    unit = _make_unit(name)
    try:
        install_unit(unit, target)
        keeping.write(msgspec.structs.replace(state, unit=unit.name))
    finally:
        keeping.close()
    said = start_unit(unit, target)
    say(f"codered: installed {unit.name}" + (f"; {said}" if said else "; it watches now"))
    say(f"codered: `codered monitor status {name}` shows it, `codered monitor stop {name}` ends it")
    return ExitCode.CLEAN


def take_unit_away(name: str, target: ChangeableTarget) -> None:
    """Remove the unit of a watch that is over; what can't be removed is told."""
    try:
        remove_unit(_make_unit(name), target)
    except OSError as error:
        say(f"codered: its unit could not be removed: {error.strerror or error}")
    if said := tell_systemd(target):
        say(f"codered: {said}")


def show_places(places: tuple[WatchedPlace, ...], *, as_json: bool) -> int:
    """What would be watched."""
    if as_json:
        rows = [{"what": one.what, "path": "/" + _show(one.rel), "below": one.deep} for one in places]
        show(_encode(rows))
    else:
        for one in places:
            show(f"{one.what}: /{printable(_show(one.rel))}{' and below' if one.deep else ''}\n")
        show("and: listening sockets, program starts, accounts, keys, what starts by itself\n")
    return ExitCode.CLEAN


def _make_unit(name: str) -> WatchUnit:
    return make_watch_unit(name, respond.state_folder(), running.cache_folder().absolute())


def _read(keeping: Keeping) -> tuple[MonitorReport, bool]:
    """The report of a watch, as it stands where it is not over, and whether it runs. Raises WrongUse."""
    state = keeping.read_state()
    if state is None:
        raise WrongUse("no watch has this name", where=keeping.name, advice="see `codered monitor status`")
    report = keeping.read_report() if state.ended is not None else None
    running_now = keeping.is_running()
    if state.ended is None and not running_now:
        state = _add_silence(keeping, state)
    return report or _make_report(keeping, state), running_now


def _add_silence(keeping: Keeping, state: MonitorState) -> MonitorState:
    """The state of a watch that does not run, with the time since its last sign of life as a gap."""
    last, why = keeping.read_heartbeat(), "the watch did not run"
    now = datetime.now(UTC)
    gap = find_gap(last, why) if last else Gap(since=min(state.started, now), until=now, why=why)
    return msgspec.structs.replace(state, gaps=(*state.gaps, gap)) if gap is not None else state


def _answer(report: MonitorReport) -> ExitCode:
    """What a report answers for people who ask how it stands: that it is not over yet is no trouble by itself."""
    return answer_report(msgspec.structs.replace(report, over=True))


def _make_report(keeping: Keeping, state: MonitorState) -> MonitorReport:
    last = keeping.read_heartbeat()
    counts = last.counts if last else {}
    return make_report(state, last.elapsed if last else 0.0, (), keeping.read_events(), counts)


def _encode(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _show(rel: bytes) -> str:
    return rel.decode(errors="backslashreplace")
