"""A hostile image makes what reads it die, hang or run out of memory. What is lost by that is a gap, never silence; and
what was broken into leaves no file with other times.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.cli.running import load_rules
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.scan import ScanRequest
from codered.scan import pool as pool_module
from codered.scan.confined_workers import choose_rights
from codered.scan.image_scan import ImageWishes, scan_image
from codered.scan.pool import Pool
from codered.scan.server import Server
from codered.scan.tasks import Done, FilesTask, LiveTask, Task
from codered.targets import open_image
from codered.targets.disk_image import DiskImage
from tests.fixtures.disk_images import make_infected_disk
from tests.fixtures.saying import make_say

Harm = Callable[[], object]
TROJAN = b"explorer.exe"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def starve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1, 1))
    bytearray(1 << 30)


HARMS = (die, freeze, starve)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_infected_disk(tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        return load_rules(("codered2",), whole=False)


def harm(monkeypatch: pytest.MonkeyPatch, harm: Harm, concerns: Callable[[Task], bool]) -> None:
    """Do this to every worker that is to serve such a task, each time it is tried."""
    serve = Server.serve

    def serve_or_not(server: Server, task: Task) -> Done:
        if concerns(task):
            harm()
        return serve(server, task)

    monkeypatch.setattr(Server, "serve", serve_or_not)
    monkeypatch.setattr(pool_module, "STUCK_AFTER", 0.5)


def is_about_trojan(task: Task) -> bool:
    return isinstance(task, FilesTask) and any(TROJAN in folder.files for folder in task.folders)


def scanned(disk: Path, rules: RuleSet) -> Report:
    request = ScanRequest(places=(Place(str(disk), (str(disk),)),), must_find_files=True, cores=1)
    return scan_image(open_image(os.fsencode(disk)), request, rules, wishes=ImageWishes(hashed=False))


def names_of(report: Report) -> set[str]:
    return {finding.id for finding in report.findings}


@pytest.fixture(scope="module")
def whole(disk: Path, rules: RuleSet) -> Report:
    return scanned(disk, rules)


@pytest.mark.parametrize("how", HARMS)
def test_a_file_that_nobody_survives_is_a_gap_that_names_it(
    disk: Path, rules: RuleSet, whole: Report, monkeypatch: pytest.MonkeyPatch, how: Harm
) -> None:
    harm(monkeypatch, how, is_about_trojan)
    report = scanned(disk, rules)
    assert f"{disk}/p1/explorer.exe" in [name for gap in report.gaps() for name in gap.examples]
    lost = [finding for finding in whole.findings if finding.id not in names_of(report)]
    assert {finding.subject.shown for finding in lost} <= {"C:\\explorer.exe"}


@pytest.mark.parametrize("how", [die, freeze])
def test_settings_that_nobody_survives_are_a_gap_of_their_kind(
    disk: Path, rules: RuleSet, whole: Report, monkeypatch: pytest.MonkeyPatch, how: Harm
) -> None:
    harm(monkeypatch, how, lambda task: isinstance(task, LiveTask) and task.what == "settings")
    report = scanned(disk, rules)
    assert "all settings" in [gap.where for gap in report.gaps()]
    assert {f.layer for f in whole.findings if f.id not in names_of(report)} == {"settings"}


@pytest.mark.parametrize("how", [starve])
def test_an_image_that_nobody_survives_is_neither_clean_nor_without_a_word(
    disk: Path, rule_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], how: Harm,
) -> None:  # fmt: skip
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(rule_cache))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    say = make_say(monkeypatch, capsys)
    harm(monkeypatch, how, lambda _: True)
    answer = say("scan", "--image", disk, "--no-hash", "--packs", "codered2", "-o", tmp_path / "r.json")
    assert answer.code == 3
    assert answer.out.startswith("INCOMPLETE")
    planned = say("plan", tmp_path / "r.json", "-o", tmp_path / "p.json")
    assert planned.code == 3
    assert "The scan was incomplete" in planned.out


def test_what_reads_an_image_can_set_the_times_of_no_file(disk: Path, rules: RuleSet, tmp_path: Path) -> None:
    file = tmp_path / "of-root"
    file.write_bytes(b"")
    os.utime(file, ns=(10**18, 10**18))
    held = os.open(file, os.O_RDONLY)
    image = open_image(os.fsencode(disk))
    assert isinstance(image, DiskImage)

    def touch(task: Task) -> Done:
        refused = 0
        for target in (held, os.open(file, os.O_RDONLY), f"/proc/self/fd/{held}", file):
            for times in (None, (1, 1)):
                try:
                    os.utime(target, times)
                except PermissionError:
                    refused += 1
        return Done(task.number, files=refused)

    pool = Pool(touch, 1, choose_rights(image, ScanRequest(places=())))
    try:
        pool.add_live("settings")
        answers: list[Done] = []
        while pool.is_busy():
            answers += pool.collect()
    finally:
        pool.stop()
        os.close(held)
    assert [done.files for done in answers] == [8]
    assert file.stat().st_mtime_ns == file.stat().st_atime_ns == 10**18
