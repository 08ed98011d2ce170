"""The end of a watch in words, and what it answers."""

from datetime import datetime, timedelta

from codered.export.writing.escaping import legible
from codered.model.errors import ExitCode
from codered.model.monitoring import MonitorEvent, MonitorReport, MonitorState
from codered.monitor.alarms import ALARMING, is_alarming

MOST_EVENTS = 1_000
MOST_LINES = 200  # events shown; the JSON report has more


def make_report(
    state: MonitorState,
    seconds: float,
    notes: tuple[str, ...],
    events: tuple[MonitorEvent, ...],
    counts: dict[str, int],
) -> MonitorReport:
    """The report of a watch as it stands; it is over if its state says so. `counts` are complete, `events` may not
    be.
    """
    orders = state.orders
    until = state.ended or state.started + timedelta(seconds=seconds)
    return MonitorReport(
        name=orders.name, tool=state.tool, host=state.host, started=state.started, until=until,
        seconds=round(seconds, 1), wanted=orders.seconds, over=state.ended is not None, gaps=state.gaps,
        unwatched=state.unwatched, notes=notes, events=_choose(events), counts=counts,
    )  # fmt: skip


def answer_report(report: MonitorReport) -> ExitCode:
    """1 if anything came back or was there, 3 if something was not watched, 130 if it is unfinished, else 0."""
    if has_alarms(report):
        return ExitCode.FOUND
    if not report.over:
        return ExitCode.INTERRUPTED
    return ExitCode.INCOMPLETE if report.gaps or report.unwatched else ExitCode.CLEAN


def has_alarms(report: MonitorReport) -> bool:
    """Whether anything came back or was there: also what found no room among the events was counted."""
    return report.counts.get(ALARMING, 0) > 0 or any(is_alarming(event) for event in report.events)


def render_report(report: MonitorReport) -> str:
    """The report for people."""
    lines = [
        f"Watch {legible(report.name)} of {legible(report.host)}",
        f"  from {_time(report.started)} to {_time(report.until)}, {_length(report.seconds)} of "
        f"{_length(report.wanted)}" + _say_end(report),
        f"  {_headline(report)}",
    ]
    lines += [f"  not watched from {_time(gap.since)} to {_time(gap.until)}: {legible(gap.why)}" for gap in report.gaps]
    lines += [f"  not watched: {legible(place)}" for place in report.unwatched[:MOST_LINES]]
    shown = sorted(report.events, key=_rank)[:MOST_LINES]
    if shown:
        lines.append("Events")
    lines += [render_event(event) for event in sorted(shown, key=lambda event: event.time)]
    if len(report.events) > len(shown):
        lines.append(f"  … {len(report.events) - len(shown)} more in the JSON report")
    counted = ", ".join(f"{number} {name}" for name, number in sorted(report.counts.items()))
    lines.append(f"Counted: {counted or 'nothing'}")
    lines += [f"Note: {legible(note)}" for note in report.notes[:MOST_LINES]]
    return "\n".join(lines) + "\n"


def render_event(event: MonitorEvent) -> str:
    """One line for people."""
    level = f" ({event.finding.confidence}, {event.finding.pack})" if event.finding is not None else ""
    return f"  {_time(event.time)}  {event.kind}{level}: {legible(event.story)}"


def _say_end(report: MonitorReport) -> str:
    if not report.over:
        return " — not over"
    return " — cut short" if report.seconds < report.wanted else ""


def _headline(report: MonitorReport) -> str:
    alarming = max(report.counts.get(ALARMING, 0), sum(is_alarming(event) for event in report.events))
    back = max(report.counts.get("reinfected", 0), sum(event.kind == "reinfected" for event in report.events))
    held = len({event.plan or event.story for event in report.events if event.kind == "contained"})
    if not report.counts and not report.seconds:
        return "Never watched: there was no sign of life."
    if not alarming:
        return "Nothing came back." if report.over else "Nothing came back so far."
    story = f"REINFECTED: {back} times something that was removed came back. " if back else ""
    return f"{story}{alarming} alerts; {held} processes were frozen."


def _choose(events: tuple[MonitorEvent, ...]) -> tuple[MonitorEvent, ...]:
    """The alarming ones first where there are too many."""
    if len(events) <= MOST_EVENTS:
        return events
    kept = sorted(events, key=_rank)[:MOST_EVENTS]
    return tuple(sorted(kept, key=lambda event: event.time))


def _rank(event: MonitorEvent) -> int:
    """What was removed and is back before all else, and how what is frozen is let go; notes last."""
    return 0 if event.kind in ("reinfected", "contained") else 1 if is_alarming(event) else 2


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
