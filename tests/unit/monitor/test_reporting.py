from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from codered.model.errors import ExitCode
from codered.model.finding import Confidence, Finding, Subject
from codered.model.monitoring import EventKind, Gap, MonitorEvent, MonitorState, Orders
from codered.monitor import reporting
from codered.monitor.reporting import answer_report, make_report, render_report

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = MonitorState(orders=Orders(name="a", seconds=60.0), tool="1", host="h", started=NOW, ended=NOW)
GAP = Gap(since=NOW, until=NOW, why="the host was started anew")


def event(kind: EventKind, confidence: Confidence | None = None, story: str = "s") -> MonitorEvent:
    finding = None
    if confidence is not None:
        finding = Finding(
            id="1", pack="p", indicator="i", layer="files", subject=Subject(kind="file", path="/x"),
            confidence=confidence, severity="high", because="b",
        )  # fmt: skip
    return MonitorEvent(time=NOW, kind=kind, story=story, finding=finding)


@pytest.mark.parametrize(
    ("state", "events", "code"),
    [
        (STATE, (), ExitCode.CLEAN),
        (STATE, (event("overflow"),), ExitCode.CLEAN),
        (STATE, (event("there-at-start", "suspicious"),), ExitCode.CLEAN),
        (STATE, (event("there-at-start", "likely"),), ExitCode.FOUND),
        (STATE, (event("new-listener", "suspicious"),), ExitCode.FOUND),
        (replace(STATE, gaps=(GAP,)), (), ExitCode.INCOMPLETE),
        (replace(STATE, unwatched=("/x: limit",)), (), ExitCode.INCOMPLETE),
        (replace(STATE, gaps=(GAP,)), (event("reinfected", "likely"),), ExitCode.FOUND),
        (replace(STATE, ended=None), (), ExitCode.INTERRUPTED),
    ],
)
def test_what_it_answers(state: MonitorState, events: tuple[MonitorEvent, ...], code: ExitCode) -> None:
    assert answer_report(make_report(state, 60.0, (), events, {})) == code


def test_the_text_says_it_all_and_escapes_what_is_hostile() -> None:
    state = replace(STATE, gaps=(GAP,), unwatched=("/srv: limit",))
    events = (event("reinfected", "likely", "a\x1b[2Jb"), event("contained"))
    text = render_report(make_report(state, 60.0, ("a note",), events, {"files": 3}))
    for part in ("REINFECTED: 1 times", "1 processes were frozen", "started anew", "/srv: limit", "3 files", "a note"):
        assert part in text
    assert "\x1b" not in text
    assert "\\x1b" in text


def test_what_is_alarming_is_kept_where_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "MOST_EVENTS", 3)
    events = (*(event("overflow") for _ in range(10)), event("reinfected", "likely"))
    kept = make_report(STATE, 60.0, (), events, {}).events
    assert (len(kept), sum(one.kind == "reinfected" for one in kept)) == (3, 1)


def test_what_found_no_room_among_the_events_counts() -> None:
    report = make_report(STATE, 60.0, (), (event("storm"),), {"reinfected": 3, "alarming": 4})
    assert answer_report(report) == ExitCode.FOUND
    assert "REINFECTED: 3 times" in render_report(report)
    assert "4 alerts" in render_report(report)
