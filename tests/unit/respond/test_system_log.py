import pytest
from msgspec.structs import replace

from codered.model.errors import NotRolledBack, Refused
from codered.model.plan import Plan
from codered.remediate.applying import Left, Outcome
from codered.respond.system_log import failures_noted, note_outcome
from codered.system import event_log

Entry = tuple[int, str, str]
DONE = Outcome(done=("a", "b"))


@pytest.fixture
def live(plan: Plan) -> Plan:
    return replace(plan, target=replace(plan.target, kind="live_windows"))


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    made: list[Entry] = []
    monkeypatch.setattr(event_log, "report_event", lambda *entry: made.append(entry))
    return made


def test_what_was_done_to_a_running_windows(live: Plan, entries: list[Entry]) -> None:
    assert note_outcome(live, "applied", DONE) == DONE
    note_outcome(live, "rolled back", Outcome(undone=("a",), left=(Left(action="b", where="x", because="y"),)))
    assert entries == [
        (1, "information", f"plan {live.id} ({live.digest}) applied: 2 changes"),
        (2, "warning", f"plan {live.id} ({live.digest}) rolled back: 1 changes"),
    ]


def test_nothing_of_what_was_not_done(plan: Plan, live: Plan, entries: list[Entry]) -> None:
    assert note_outcome(plan, "applied", DONE) == DONE
    assert note_outcome(live, "applied", replace(DONE, already=True)).already
    note_outcome(live, "rolled back", Outcome())
    with pytest.raises(Refused), failures_noted(live):
        raise Refused("no")
    with pytest.raises(NotRolledBack), failures_noted(plan):
        raise NotRolledBack("stuck")
    assert entries == []


def test_a_failure(live: Plan, entries: list[Entry]) -> None:
    with pytest.raises(NotRolledBack), failures_noted(live):
        raise NotRolledBack("stuck")
    assert entries == [(3, "error", f"plan {live.id} ({live.digest}) failed: stuck")]


def test_a_log_that_can_not_be_written(live: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_entry: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(event_log, "report_event", refuse)
    assert note_outcome(live, "applied", DONE) == replace(DONE, unlogged="denied")
    with pytest.raises(NotRolledBack), failures_noted(live):
        raise NotRolledBack("stuck")
