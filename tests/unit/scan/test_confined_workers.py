"""What a scan's workers keep, and that those of a real scan have lost the rest."""

import os
from pathlib import Path

import pytest

from codered.collect.walking import Unwalked
from codered.model.report import Report
from codered.model.target import Place
from codered.scan import worker as worker_module
from codered.scan.confined_workers import NO_PROCESS, UNCONFINED, WHERE, choose_rights, tell_unconfined
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.scan.tasks import Done, FilesTask, LogTask
from codered.system import confining
from codered.system.confining import Rights
from codered.targets import open_target
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.small_packs import make_pack, make_rules


def scan_folder(folder: Path) -> Report:
    request = ScanRequest(places=(Place("files", (str(folder),)),), cores=1)
    return scan(open_target(str(folder)), request, make_rules(make_pack()))


def test_as_few_as_the_scan_needs(tmp_path: Path) -> None:
    target = OfflineRoot(str(tmp_path))
    assert choose_rights(target, ScanRequest(places=())) == Rights()
    assert choose_rights(target, ScanRequest(places=(), dump="/somewhere")) == Rights(new_files=True)


def test_workers_of_a_scan_are_confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    real = worker_module.Worker.serve

    def serve(self: worker_module.Worker, task: FilesTask | LogTask) -> Done:
        done = real(self, task)
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        seen = [line for line in lines if line.startswith(("Seccomp:", "CapEff:"))]
        return Done(done.number, files=done.files, unlooked=[Unwalked(b"", "skipped", "|".join(seen))])

    monkeypatch.setattr(worker_module.Worker, "serve", serve)
    report = scan_folder(tmp_path)
    said = {look.why for look in report.looks if "Seccomp" in look.why}
    rights = f"{1 << 2 | 1 << 3:016x}" if os.geteuid() == 0 else "0" * 16
    assert said == {f"CapEff:\t{rights}|Seccomp:\t2"}
    assert not any(look.where == WHERE for look in report.looks)


def test_a_report_says_that_workers_were_not_confined_and_counts_no_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(confining, "LIBRARY", "libnot-there.so.9")
    report = scan_folder(tmp_path)
    assert [look.why for look in report.looks if look.where == WHERE] == [f"{UNCONFINED}: {confining.NO_LIBRARY}"]
    assert report.verdict == "clean"


def test_where_there_are_no_workers_that_is_said() -> None:
    assert [item.state for item in tell_unconfined({NO_PROCESS: None})] == ["skipped"]
