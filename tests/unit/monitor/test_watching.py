import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.collect.watching.folders import FolderWatch, Heard
from codered.collect.watching.process_starts import ProcessStarts
from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.monitoring import Heartbeat, MonitorEvent, MonitorReport, MonitorState, Orders, WatchedPlace
from codered.model.ruleset import RuleSet
from codered.monitor.keeping import Keeping
from codered.monitor.lasting import read_boot, read_up
from codered.monitor.watching import STARTS_LOST, Setting, Watch
from codered.packs.compiling import compile_packs
from codered.packs.examples import write_tree
from codered.packs.loading import find_packs_folder, load_packs
from codered.targets import open_target

PACKS = find_packs_folder()
NOW = datetime.now(UTC)
WEB = WatchedPlace(what="web", rel=b"srv/web", deep=True)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return compile_packs(load_packs(PACKS, ("react2shell",)), None)


class Room:
    """A root with a web folder, and a watch of it."""

    def __init__(self, folder: Path, rules: RuleSet) -> None:
        self.web = folder / "root/srv/web"
        self.web.mkdir(parents=True)
        write_tree(PACKS / "react2shell/examples/hit/host.tree.yaml", folder)
        self.sample = folder / "opt/nss-tool"
        self.keeping = Keeping(folder / "monitors", "a")
        self.sent: list[MonitorEvent] = []
        target = open_target(str(folder / "root"))
        self.setting = Setting(target, rules, NOTHING_ALLOWED, (WEB,))
        orders = Orders(name="a", seconds=600.0, every=0.0)
        self.state = MonitorState(orders=orders, tool="1", host="h", started=NOW)

    def watch(self, when_settled: str = "") -> MonitorReport:
        """Run until it is settled, plant the sample under this name, and stop when that is told."""
        self.keeping.open()
        watch = Watch(self.setting, self.keeping, self.state, self.sent.append)
        helper = threading.Thread(target=self._plant_and_stop, args=(when_settled,))
        helper.start()
        try:
            return watch.run()
        finally:
            helper.join()
            self.keeping.close()

    def _plant_and_stop(self, name: str) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and not self._is_settled():
            time.sleep(0.05)
        if name:
            self.plant(name)
        while time.monotonic() < until and name and not any(name in one.story for one in self.sent):
            time.sleep(0.05)
        self.keeping.ask_to_stop()

    def plant(self, name: str) -> None:
        (self.web / name).write_bytes(self.sample.read_bytes())

    def _is_settled(self) -> bool:
        state = self.keeping.read_state()
        return state is not None and (state.settled or state.ended is not None)

    def about(self, name: str) -> list[str]:
        return [one.kind for one in self.sent if name in one.story]


@pytest.fixture
def room(tmp_path: Path, rules: RuleSet) -> Room:
    return Room(tmp_path, rules)


def test_what_comes_is_told_and_what_was_there_is_known(room: Room) -> None:
    (room.web / "before").write_bytes(room.sample.read_bytes())
    report = room.watch("later")
    assert (room.about("before"), room.about("later")) == (["there-at-start"], ["found"])
    assert (report.over, report.gaps, report.watched) == (True, (), (f"{room.web} and below",))
    assert report.counts["events"] > 0
    kept = room.keeping.read_state()
    assert kept is not None
    assert kept.ended is not None


def test_a_queue_that_ran_over_is_told_and_all_is_looked_at(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(_: FolderWatch) -> Heard:
        """Whatever happens is lost, but that something was is known."""
        return Heard(changed={}, gone={}, folders={}, overflow=(room.web / "lost").exists())

    monkeypatch.setattr(FolderWatch, "read", lose)
    room.watch("lost")
    assert room.about("ran over")[:1] == ["overflow"]
    assert room.about("lost") == ["found"]


def test_it_ends_on_time_and_the_time_it_was_down_counts(room: Room) -> None:
    room.keeping.open()
    last = Heartbeat(
        time=NOW - timedelta(seconds=700), boot=read_boot(), up=read_up() - 700, elapsed=1.0, pid=os.getpid()
    )
    room.keeping.write(replace(last))
    room.keeping.close()
    report = room.watch()
    assert report.over
    assert len(report.gaps) == 1
    assert report.seconds > 700
    assert room.about("nothing was watched from") == ["gap"]


def test_a_renamed_parent_is_a_gap_and_the_new_folder_is_watched(room: Room) -> None:
    """What is planted lies in the folder that stands there now."""
    plain = room.plant

    def swap(name: str) -> None:
        parent = room.web.parent
        parent.rename(parent.with_name("old"))
        room.web.mkdir(parents=True)
        until = time.monotonic() + 60
        while time.monotonic() < until and not room.about("another folder"):
            time.sleep(0.05)
        plain(name)

    room.plant = swap  # type: ignore[method-assign]
    report = room.watch("later")
    assert (room.about("another folder"), room.about("later")) == (["gap"], ["found"])
    assert len(report.gaps) == 1


def test_a_link_out_that_was_there_at_the_start_is_no_gap(room: Room) -> None:
    """As Debian's link from a wiki's folder for images to where they are kept."""
    (room.web.parent / "images").mkdir()
    (room.web / "images").symlink_to("../images")
    room.state = replace(room.state, started=datetime.now(UTC) + timedelta(seconds=1))
    report = room.watch()
    assert (report.unwatched, report.gaps) == ((), ())
    assert [one for one in report.notes if f"{room.web}/images: a link to a place outside" in one]


def test_what_was_not_seen_or_delivered_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    (room.web.parent / "other").mkdir()
    (room.web / "outside").symlink_to("../other")
    lost = ProcessStarts.read

    def lose(starts: ProcessStarts) -> list[int]:
        starts.lost = 1
        return lost(starts)

    monkeypatch.setattr(ProcessStarts, "read", lose)
    failures = iter([("webhook: 3 alerts not delivered: refused",)])
    room.setting = room.setting._replace(list_failed=lambda: next(failures, ()))
    report = room.watch("later")
    assert {"overflow", "alert-failed", "unwatched"} <= {one.kind for one in room.sent}
    assert {STARTS_LOST, "webhook: not all alerts were delivered"} <= set(report.notes)
    assert [one.partition(":")[0] for one in report.unwatched] == [f"{room.web}/outside"]
