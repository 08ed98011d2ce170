from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Confidence, Finding, Subject
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
    assert (told, len(sent)) == ([True] * 5, 1)  # news each time, for who holds what wrote it
    assert made.counts == {"found": 5, "alarming": 5}
    monkeypatch.setattr(alarms, "AGAIN_AFTER", 0.0)
    assert made.find("found", finding(tmp_path / "x"), "x", fresh=True)
    assert (sent[-1].count, "4 times" in sent[-1].story) == (5, True)
    assert made.counts["alarming"] == 6


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


def test_a_storm_becomes_one_line(made: Alarms, sent: list[MonitorEvent], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(500):
        made.note("unjudged", f"{number}")
    assert (len(sent), made.counts["unjudged"]) == (alarms.STORM, 500)
    monkeypatch.setattr(alarms, "WINDOW", 0.0)
    made.flush()
    assert (sent[-1].kind, sent[-1].count) == ("storm", 500 - alarms.STORM)


def test_a_storm_swallows_nothing_that_came_back(made: Alarms, sent: list[MonitorEvent], tmp_path: Path) -> None:
    for number in range(200):
        made.note("unjudged", f"{number}")
    made.find("there-at-start", finding(tmp_path / "start", 7), "x", fresh=False)
    assert made.find("reinfected", finding(tmp_path / "x"), "x", fresh=True)
    made.note("contained", "it is frozen", plan="hold-1")
    assert [one.kind for one in sent[alarms.STORM :]] == ["reinfected", "contained"]
    assert not made.find("found", finding(tmp_path / "start", 7), "x", fresh=False)


def test_what_was_not_told_is_told_later(
    made: Alarms, sent: list[MonitorEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    made.find("found", finding(path), "x", fresh=True)
    path.unlink()
    path.write_text("another")
    made.find("found", finding(path), "x", fresh=True)
    monkeypatch.setattr(alarms, "AGAIN_AFTER", 0.0)
    made.find("found", finding(path), "x", fresh=False)
    assert len(sent) == 2


def test_the_counts_go_on_after_a_restart(tmp_path: Path, sent: list[MonitorEvent]) -> None:
    kept = Keeping(tmp_path, "a")
    made = Alarms(kept, sent.append, {}, {"reinfected": 2, "alarming": 2, "files": 9})
    assert made.counts == {"reinfected": 2, "alarming": 2}


def test_memory_is_bounded(made: Alarms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "MOST_TOLD", 10)
    for number in range(50):
        made.find("found", finding(tmp_path / str(number), number), "x", fresh=True)
    assert len(made.told) == 10


def test_a_full_disk_does_not_keep_it_from_telling(
    made: Alarms, sent: list[MonitorEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Keeping, _event: MonitorEvent, **_more: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Keeping, "append", fail)
    assert made.note("overflow", "it ran over")
    assert [one.kind for one in sent] == ["overflow"]


def test_suspicions_of_the_start_are_kept_and_told_as_a_number(
    made: Alarms, sent: list[MonitorEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MOST_QUIET", 20)
    for number in range(30):
        suspicion = replace(finding(tmp_path / str(number), number), confidence="suspicious")
        made.find("there-at-start", suspicion, "x", fresh=False)
    made.find("there-at-start", finding(tmp_path / "a", 99), "likely", fresh=False)
    assert [one.story for one in sent] == ["likely"]
    made.sum_up_start()
    made.sum_up_start()
    assert [(one.kind, one.count) for one in sent[1:]] == [("there-at-start", 30)]
    kept = made._keeping.read_events()
    assert len(kept) == 22
    assert made.counts == {"there-at-start": 31, "alarming": 1}


def test_what_is_surer_than_before_is_told_again(made: Alarms, tmp_path: Path) -> None:
    likely = finding(tmp_path / "x")
    levels: tuple[Confidence, ...] = ("suspicious", "likely", "suspicious", "likely", "confirmed", "confirmed")
    told = [made.find("found", replace(likely, confidence=level), "x", fresh=False) for level in levels]
    assert told == [True, True, False, False, True, False]
