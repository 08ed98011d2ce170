from datetime import UTC, datetime, timedelta

import pytest

from codered.model.errors import WrongUse
from codered_hq.importing import harvest as module
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.model.inventory import HostRecord, Source

SOURCE = Source(kind="csv", name="x.csv")


def test_nothing_is_dropped_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SKIPPED", 2)
    harvest = Harvest()
    harvest.add_host(HostRecord(name="a"))
    for line in range(5):
        harvest.skip(f"line {line}", "why")
        harvest.note(f"line {line}", "so")
    found = harvest.finish(SOURCE)
    assert [part.where for part in found.skipped] == ["line 0", "line 1", "and more"]
    assert found.skipped[-1].why.startswith("3 more")
    assert [part.where for part in found.notes] == ["line 0", "line 1", "and more"]


def test_limits_and_emptiness(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse, match=r"x.csv: no record in it that can be used \(read as csv\)"):
        Harvest().finish(SOURCE)
    harvest = Harvest()
    harvest.skip("line 3", "bad")
    with pytest.raises(WrongUse, match="line 3: bad"):
        harvest.finish(SOURCE)
    monkeypatch.setattr(module, "MOST_RECORDS", 1)
    harvest.add_host(HostRecord(name="a"))
    with pytest.raises(WrongUse, match="more than 1 records"):
        harvest.add_host(HostRecord(name="b"))


def test_leases_end() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    harvest = Harvest(Options(now=now))
    assert harvest.is_over(now)
    assert not harvest.is_over(now + timedelta(seconds=1))
    assert not harvest.is_over(None)
