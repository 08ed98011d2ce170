import os
from pathlib import Path

import pytest

from codered.model.finding import Finding, Subject
from codered.model.patches import PatchAnswer
from codered.model.target import Capability, Place, TargetInfo
from codered.model.windows import WindowsSystem
from codered.scan.live_stage import LEADS, NO_HIVES, PATCHES, LiveStage
from codered.scan.looks import LookBook
from codered.scan.pool import Pool
from codered.scan.tasks import Collected, Counted, Done, RunningProcess
from codered.targets.rooted import RootedTarget


class FakePool:
    """Remembers what was asked of it; workers are not needed to see how the stage deals out."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def add_live(self, what: Collected) -> int:
        self.asked.append(what)
        return len(self.asked)

    def add_memory(self, process: RunningProcess) -> int:
        self.asked.append(process.pid)
        return len(self.asked)


def make_stage(tmp_path: Path, *offers: Capability) -> tuple[LiveStage, LookBook]:
    target = RootedTarget(TargetInfo(kind="offline_root", root=str(tmp_path), system="linux", offers=offers))
    book = LookBook(target)
    return LiveStage(target, book), book


def as_pool(pool: FakePool) -> Pool:
    return pool  # type: ignore[return-value]


def make_finding(**subject: object) -> Finding:
    return Finding(
        id="f", pack="worm", indicator="i", layer="processes", subject=Subject(**subject),  # type: ignore[arg-type]
        confidence="likely", severity="high", because="it is there",
    )  # fmt: skip


def test_only_what_the_target_offers_is_dealt_out(tmp_path: Path) -> None:
    stage, _ = make_stage(tmp_path, "files", "autostart", "accounts")
    pool = FakePool()
    stage.start(as_pool(pool))
    assert pool.asked == ["autostart", "accounts", "patches"]
    assert stage.is_busy()
    stage.take(as_pool(pool), Done(1, counted=[Counted("autostart", "what starts", count=3)]))
    stage.take(as_pool(pool), Done(2, processes=[RunningProcess(7, 1, "x")]))
    assert stage.is_busy()
    answer = PatchAnswer(says="not_present", hole="a hole", because="it is not there")
    stage.take(as_pool(pool), Done(3, patches=[answer]))
    assert stage.patches == [answer]
    assert not stage.is_busy()
    assert pool.asked == ["autostart", "accounts", "patches"]  # no memory: it is not offered
    assert [look.what for look in stage.stages()] == ["autostart and settings", "accounts and keys", PATCHES]


def test_a_target_without_live_layers_has_no_stage(tmp_path: Path) -> None:
    stage, _ = make_stage(tmp_path, "files", "logs")
    stage.start(as_pool(FakePool()))
    assert (stage.is_busy(), stage.stages(), stage.place(), stage.alarms) == (False, (), None, [])


def test_memory_follows_the_processes_suspects_first(tmp_path: Path) -> None:
    stage, book = make_stage(tmp_path, "processes", "memory")
    pool = FakePool()
    stage.start(as_pool(pool))
    seen = [RunningProcess(1, 1, "init"), RunningProcess(9, 1, "worm", suspect=True), RunningProcess(5, 1, "sh")]
    stage.take(as_pool(pool), Done(1, processes=seen, counted=[Counted("processes", "running", count=3)]))
    assert pool.asked == ["processes", 9, 1, 5]
    assert stage.is_busy()
    for number in (2, 3, 4):
        assert stage.owns(number)
        stage.take(as_pool(pool), Done(number, counted=[Counted("memory", "memory", count=2, size=10)]))
    assert not stage.is_busy()
    assert not stage.owns(5)
    memory = next(look for look in book.looks() if look.layer == "memory")
    assert (memory.count, memory.bytes) == (6, 30)


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (make_finding(kind="process", pid=7, key="worm"), ["process 7 (worm): it is there"]),
        (make_finding(kind="memory", pid=8, key="sh", address="0x1"), ["process 8 (sh): it is there"]),
        (make_finding(kind="autostart", path="/etc/crontab", line=1), []),
    ],
)
def test_what_lives_is_an_alarm(tmp_path: Path, finding: Finding, told: list[str]) -> None:
    stage, _ = make_stage(tmp_path, "processes")
    stage.start(as_pool(FakePool()))
    stage.take(as_pool(FakePool()), Done(1, [finding]))
    assert stage.alarms == told
    assert stage.stages()[0].findings == 1


def test_leads_are_followed_where_they_are_worth_it(tmp_path: Path) -> None:
    stage, _ = make_stage(tmp_path, "processes")
    stage.start(as_pool(FakePool()))
    worth = os.fsencode(tmp_path / "worm")
    (tmp_path / "worm").mkdir()
    leads = [b"/", b"/usr/bin/x", b"/etc", b"relative", worth, b"/not/there", worth, b"/proc/1/exe"]
    stage.take(as_pool(FakePool()), Done(1, leads=leads))
    place = stage.place()
    assert place is not None
    assert (place.what, place.paths) == (LEADS, (str(tmp_path / "worm"),))


def test_a_windows_system_is_asked_for_its_settings(tmp_path: Path) -> None:
    offers: tuple[Capability, ...] = ("files", "registry", "autostart", "accounts")
    info = TargetInfo(kind="disk_image", root=str(tmp_path), system="windows", offers=offers)
    book = LookBook(RootedTarget(info))
    stage, pool = LiveStage(RootedTarget(info), book), FakePool()
    stage.tell_what_is_missing()
    stage.start(as_pool(pool))
    assert pool.asked == ["settings", "autostart", "accounts", "iis", "patches"]
    system = WindowsSystem(platform="windows2000")
    stage.take(as_pool(pool), Done(1, leads=[b"/image/p1/x"], windows=system))
    stage.take(as_pool(pool), Done(2))
    assert stage.windows == system
    assert stage.place() == Place(LEADS, ("/image/p1/x",))  # no path of this machine: the image has it
    assert book.looks() == ()


def test_a_windows_folder_without_hives_is_told(tmp_path: Path) -> None:
    info = TargetInfo(kind="offline_root", root=str(tmp_path), system="windows", offers=("files", "logs"))
    book, pool = LookBook(RootedTarget(info)), FakePool()
    stage = LiveStage(RootedTarget(info), book)
    stage.start(as_pool(pool))
    stage.tell_what_is_missing()
    assert pool.asked == []
    (look,) = book.looks()
    assert (look.layer, look.state, look.why) == ("settings", "skipped", NO_HIVES)
