from pathlib import Path

from codered.model.finding import Finding, Subject
from codered.model.target import Capability, Place, TargetInfo
from codered.scan.integrity_stage import FAST, NO_RECORDS, TITLE, IntegrityStage
from codered.scan.looks import LookBook
from codered.scan.request import ScanRequest
from codered.scan.tasks import Collected, Counted, Done
from codered.targets.rooted import RootedTarget
from tests.fixtures.autostart_roots import make_root
from tests.unit.scan.test_integrity_look import Vouching


class FakePool:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def add_live(self, what: Collected, part: int = 0, parts: int = 1) -> int:
        self.asked.append((what, part, parts))
        return len(self.asked)


def start(root: Path, *offers: Capability, **asked: object) -> tuple[IntegrityStage, FakePool, LookBook]:
    target = RootedTarget(TargetInfo(kind="offline_root", root=str(root), system="linux", offers=offers))
    book = LookBook(target)
    request = ScanRequest(places=(Place("all", (str(root),)),), **asked)  # type: ignore[arg-type]
    stage, pool = IntegrityStage(target, request, book), FakePool()
    stage.start(pool, 2)  # type: ignore[arg-type]
    return stage, pool, book


def make_finding(because: str) -> Finding:
    return Finding(
        id="same", pack="heuristics", indicator="content", layer="integrity", subject=Subject(kind="file", path="/x"),
        confidence="likely", severity="high", because=because,
    )  # fmt: skip


def test_a_whole_system_is_looked_at_in_shares(tmp_path: Path) -> None:
    stage, pool, book = start(make_root(tmp_path), "files", "autostart")
    assert pool.asked == [("integrity", part, 16) for part in range(16)]
    assert stage.owns(1)
    assert not stage.owns(17)
    for number in range(1, 17):
        assert stage.is_busy()
        stage.take(Done(number, counted=[Counted("integrity", "files of packages", count=2)]))
    assert not stage.is_busy()
    assert [(step.what, step.findings) for step in stage.stages()] == [(TITLE, 0)]
    assert [(look.where, look.count) for look in book.looks()] == [("files of packages", 32)]


def test_not_in_a_scan_of_paths_nor_a_fast_one_nor_of_logs(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    assert start(root, "files")[1].asked == []
    assert start(root, "files", "autostart", fast=True)[1].asked == []
    assert start(root, "files", "autostart", logs_only=True)[1].asked == []
    assert start(root, "files")[0].stages() == ()


def test_a_baseline_that_was_named_is_compared_in_a_fast_scan_and_of_any_tree(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    stage, pool, book = start(root, "files", "autostart", fast=True, baseline=Vouching(""))
    assert pool.asked == [("integrity", 0, 0)]
    assert [(look.state, look.why) for look in book.looks()] == [("skipped", FAST)]
    stage.take(Done(1, [make_finding("baseline")]))
    assert [(step.what, step.findings) for step in stage.stages()] == [(TITLE, 1)]
    assert start(root, "files", baseline=Vouching(""))[1].asked == [("integrity", 0, 0)]
    assert start(root, "files", logs_only=True, baseline=Vouching(""))[1].asked == []


def test_the_word_of_a_baseline_counts_whoever_comes_first(tmp_path: Path) -> None:
    for order in ((1, 2), (2, 1)):
        stage, pool, _ = start(make_root(tmp_path / str(order[0])), "autostart", baseline=Vouching(""))
        assert pool.asked[0] == ("integrity", 0, 0)
        for number in order:
            stage.take(Done(number, [make_finding("baseline" if number == 1 else "package")]))
        assert [finding.because for finding in stage.findings()] == ["baseline"]


def test_without_records_that_is_said(tmp_path: Path) -> None:
    stage, pool, book = start(tmp_path, "autostart")
    assert pool.asked == []
    assert not stage.is_busy()
    assert [(look.state, look.why) for look in book.looks()] == [("skipped", NO_RECORDS)]
