from pathlib import Path

import pytest

from codered.model.finding import Finding, Subject
from codered.model.monitoring import MonitorEvent
from codered.monitor import alarms
from codered.monitor.alarms import Alarms
from codered.monitor.keeping import Keeping


def finding(path: Path, number: int = 1) -> Finding:
    return Finding(
        id=f"f{number}", pack="p", indicator="i", layer="files", subject=Subject(kind="file", path=str(path)),
        confidence="likely", severity="high", because="it is",
    )  # fmt: skip


@pytest.fixture
def sent() -> list[MonitorEvent]:
    return []


@pytest.fixture
def made(tmp_path: Path, sent: list[MonitorEvent]) -> Alarms:
    kept = Keeping(tmp_path, "a")
    kept.open()
    return Alarms(kept, sent.append, {})


def test_the_same_thing_is_told_once_a_minute(
    made: Alarms, sent: list[MonitorEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [made.find("found", finding(tmp_path / "x"), "x", fresh=True) for _ in range(5)]
    assert told == [True, False, False, False, False]
    assert made.counts == {"found": 5}
    monkeypatch.setattr(alarms, "AGAIN_AFTER", 0.0)
    assert made.find("found", finding(tmp_path / "x"), "x", fresh=True)
    assert (sent[-1].count, "4 times" in sent[-1].story) == (5, True)
    assert made.came_back() == 6


def test_a_look_everywhere_tells_only_what_is_not_as_it_was(
    made: Alarms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "AGAIN_AFTER", 0.0)
    path = tmp_path / "x"
    path.write_text("one")
    assert made.find("found", finding(path), "x", fresh=False)
    assert not made.find("found", finding(path), "x", fresh=False)
    path.unlink()
    path.write_text("one again")
    assert made.find("found", finding(path), "x", fresh=False)


def test_a_storm_becomes_one_line(
    made: Alarms, sent: list[MonitorEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(500):
        made.find("found", finding(tmp_path / str(number), number), "x", fresh=True)
    assert (len(sent), made.counts["found"]) == (alarms.STORM, 500)
    monkeypatch.setattr(alarms, "WINDOW", 0.0)
    made.flush()
    assert (sent[-1].kind, sent[-1].count) == ("storm", 500 - alarms.STORM)


def test_memory_is_bounded(made: Alarms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "MOST_TOLD", 10)
    monkeypatch.setattr(alarms, "MOST_EVENTS", 5)
    for number in range(50):
        made.find("found", finding(tmp_path / str(number), number), "x", fresh=True)
    assert (len(made.told), len(made.events)) == (10, 5)


def test_a_full_disk_does_not_keep_it_from_telling(
    made: Alarms, sent: list[MonitorEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Keeping, _event: MonitorEvent) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Keeping, "append", fail)
    assert made.note("overflow", "it ran over")
    assert [one.kind for one in sent] == ["overflow"]
