from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.monitoring import Heartbeat, MonitorEvent, MonitorState, Orders
from codered.monitor import keeping
from codered.monitor.keeping import Keeping, list_names

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = MonitorState(orders=Orders(name="a", seconds=1.0), tool="1", host="h", started=NOW)


def event(story: str) -> MonitorEvent:
    return MonitorEvent(time=NOW, kind="found", story=story)


def test_only_one_may_work_in_it(tmp_path: Path) -> None:
    first, second = Keeping(tmp_path / "monitors", "a"), Keeping(tmp_path / "monitors", "a")
    first.open()
    assert second.is_running()
    with pytest.raises(Refused, match="runs already"):
        second.open()
    first.close()
    assert not second.is_running()
    second.open()
    second.close()
    assert (tmp_path / "monitors/a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "-a", "x" * 65, "a\n"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse):
        Keeping(tmp_path, name)


def test_state_and_heartbeat_are_read_back(tmp_path: Path) -> None:
    kept = Keeping(tmp_path, "a")
    assert (kept.read_state(), kept.read_heartbeat(), kept.read_report(), kept.read_events()) == (None, None, None, ())
    kept.open()
    beat = Heartbeat(time=NOW, boot="b", up=1.0, elapsed=2.0, pid=3)
    kept.write(STATE)
    kept.write(beat)
    assert (kept.read_state(), kept.read_heartbeat()) == (STATE, beat)
    assert list_names(tmp_path) == ("a",)
    kept.close()


def test_damage_is_told(tmp_path: Path) -> None:
    kept = Keeping(tmp_path, "a")
    kept.open()
    (kept.folder / "state.json").write_bytes(b'{"format": "codered/monitor/1", "\xff')
    (kept.folder / "heartbeat.json").write_bytes(b"\xff")
    with pytest.raises(WrongUse, match="damaged"):
        kept.read_state()
    assert kept.read_heartbeat() is None
    kept.close()


def test_a_torn_line_costs_itself_only(tmp_path: Path) -> None:
    kept = Keeping(tmp_path, "a")
    kept.open()
    kept.append(event("first"))
    with (kept.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"time": "2026')
    assert [one.story for one in kept.read_events()] == ["first"]
    kept.append(event("second"))
    kept.append(event("third"))
    assert [one.story for one in kept.read_events()] == ["first", "second", "third"]
    kept.begin_anew()
    assert kept.read_events() == ()
    kept.close()


def test_events_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_EVENTS", 3)
    kept = Keeping(tmp_path, "a")
    kept.open()
    for number in range(5):
        kept.append(event(str(number)))
    assert len(kept.read_events()) == 3
    kept.close()


def test_what_is_weighty_finds_room_after_many_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_NOTES", 3)
    kept = Keeping(tmp_path, "a")
    kept.open()
    for number in range(5):
        kept.append(event(str(number)), weighty=False)
    kept.append(event("weighty"))
    assert [one.story for one in kept.read_events()] == ["0", "1", "2", "weighty"]
    kept.close()


def test_bytes_of_events_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 2_000)
    kept = Keeping(tmp_path, "a")
    kept.open()
    for _ in range(5):
        kept.append(event("x" * 800))
    assert len(kept.read_events()) == 2
    kept.close()


def test_a_restart_goes_on_after_a_torn_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_EVENTS", 3)
    kept = Keeping(tmp_path, "a")
    kept.open()
    kept.append(event("first"))
    with (kept.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"time": "2026')
    kept.close()
    again = Keeping(tmp_path, "a")
    again.open()
    for story in ("second", "third", "fourth"):
        again.append(event(story))
    assert [one.story for one in again.read_events()] == ["first", "second", "third"]
    again.close()


def test_a_wish_to_stop_is_seen(tmp_path: Path) -> None:
    kept = Keeping(tmp_path, "a")
    kept.open()
    assert not kept.is_asked_to_stop()
    kept.ask_to_stop()
    assert kept.is_asked_to_stop()
    kept.close()
