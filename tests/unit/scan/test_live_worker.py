"""The live worker on roots and children of the test's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.collect.copied_trees import COPIED
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessesSeen, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.heuristics import load_heuristics
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan.live_worker import ACCOUNTS, AUTOSTART, MEMORY, PROCESSES, LiveWorker, find_own
from codered.scan.request import ScanRequest
from codered.scan.tasks import Collected, Counted, Done, LiveTask, MemoryTask
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    folder = find_packs_folder()
    return compile_packs(load_packs(folder, ("kinsing",)), None, load_heuristics(folder))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("etc/cron.d", "usr/bin", "var", "root"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    return tmp_path / "root"


def make_worker(rules: RuleSet, root: Path | None) -> LiveWorker:
    request = ScanRequest(places=(Place("all", (str(root or "/"),)),))
    return LiveWorker(open_target(str(root) if root else None), rules, request)


def looked(done: Done, where: str) -> Counted:
    return next(item for item in done.counted if item.where == where and item.state == "looked")


@pytest.fixture
def miner(tmp_path: Path) -> Iterator[ProcessId]:
    """A sleeper under the name of Kinsing's miner; its file is gone."""
    program = tmp_path / "kdevtmpfsi"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as process:
        program.unlink()
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        yield ProcessId(process.pid, int(fields[19]))
        process.kill()


def test_processes_are_counted_judged_and_handed_on(rules: RuleSet, miner: ProcessId) -> None:
    done = make_worker(rules, None).serve(LiveTask(1, "processes"))
    mine = [finding for finding in done.findings if finding.subject.pid == miner.pid]
    assert {finding.pack for finding in mine} == {"kinsing", "heuristics"}
    assert looked(done, PROCESSES).count >= len(done.processes) > 0
    assert [one.suspect for one in done.processes if (one.pid, one.start) == (miner.pid, miner.start)] == [True]
    assert os.getppid() not in [one.pid for one in done.processes]


def test_memory_of_a_process_that_is_there_and_of_one_that_is_gone(rules: RuleSet, miner: ProcessId) -> None:
    worker = make_worker(rules, None)
    done = worker.serve(MemoryTask(2, miner.pid, miner.start, "kdevtmpfsi"))
    assert done.findings == []
    assert looked(done, MEMORY).size > 0
    gone = worker.serve(MemoryTask(3, miner.pid, miner.start + 1, "another"))
    assert [item.state for item in gone.counted if item.why] == ["skipped"]


def test_autostart_of_a_root_and_what_could_not_be_read(rules: RuleSet, root: Path) -> None:
    (root / "etc/cron.d/x").write_text("* * * * * root /tmp/kdevtmpfsi\n")
    (root / "etc/crontab").mkdir()
    done = make_worker(rules, root).serve(LiveTask(4, "autostart"))
    assert [(finding.pack, finding.subject.line) for finding in done.findings] == [("kinsing", 1)]
    assert looked(done, AUTOSTART).count >= 1
    assert {item.state for item in done.counted if item.why} <= {"failed", "skipped"}


def test_the_times_of_a_copy_are_told_and_not_used(rules: RuleSet, root: Path) -> None:
    for name in ("etc/passwd", "etc/hostname", "etc/machine-id", "var/lib/dpkg/status"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("root:x:0:0::/root:/bin/sh\ntwin:x:0:0::/root:/bin/sh\n")
        os.utime(root / name, (0, 0))
    (root / "etc/cron.d/x").write_text("* * * * * root /tmp/kdevtmpfsi\n")
    looks: tuple[tuple[Collected, str], ...] = (("autostart", AUTOSTART), ("accounts", ACCOUNTS))
    for what, where in looks:
        done = make_worker(rules, root).serve(LiveTask(4, what))
        assert done.findings
        assert all(finding.first_seen is None for finding in done.findings)
        assert [item.where for item in done.counted if (item.state, item.why) == ("skipped", COPIED)] == [where]


def test_accounts_of_a_root(rules: RuleSet, root: Path) -> None:
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\ntwin:x:0:0::/root:/bin/sh\n")
    done = make_worker(rules, root).serve(LiveTask(5, "accounts"))
    assert looked(done, ACCOUNTS).count == 2
    assert [finding.subject.key for finding in done.findings] == ["twin"]


def test_packages_are_compared_in_shares(rules: RuleSet, tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/app/a.php": "a"})
    (root / "usr/lib/app/a.php").write_text("changed")
    worker = make_worker(rules, root)
    parts = [worker.serve(LiveTask(number, "integrity", number, 3)) for number in range(3)]
    assert [finding.subject.shown for done in parts for finding in done.findings] == ["/usr/lib/app/a.php"]
    assert worker.serve(LiveTask(9, "integrity", parts=0)) == Done(9)  # there is no baseline


def test_whose_program_a_process_runs_is_handed_on(rules: RuleSet, tmp_path: Path) -> None:
    """A package's program is not blamed for what it holds, unless something else speaks against the process."""
    copy = tmp_path / "napper"
    shutil.copy("/bin/sleep", copy)
    worker = make_worker(rules, None)
    with (
        subprocess.Popen(["/bin/sleep", "60"]) as owned,
        subprocess.Popen([copy, "60"]) as unowned,
        subprocess.Popen(["kdevtmpfsi", "60"], executable="/bin/sleep") as posing,
    ):
        try:
            done = worker.serve(LiveTask(1, "processes"))
        finally:
            for process in (owned, unowned, posing):
                process.kill()
    mine = {one.pid: one.owned for one in done.processes}
    assert (mine[owned.pid], mine[unowned.pid]) == (True, False)
    likely = {item.subject.pid for item in done.findings if item.confidence != "suspicious"}
    assert posing.pid in likely
    assert not mine[posing.pid]


PYTHON = Executable(path=FilePath("/usr/bin/python3.11"))


@pytest.mark.parametrize(
    ("exe", "facts", "owned"),
    [
        (replace(PYTHON, path=FilePath("/usr/bin/env")), (), True),
        (replace(PYTHON, path=FilePath("/usr/bin/env"), elsewhere=True), (), False),  # mounted over the package's
        (replace(PYTHON, path=FilePath("/usr/bin/env"), elsewhere=True, replaced=True, upgraded=True), (), True),
        (replace(PYTHON, path=FilePath("/usr/bin/env"), deleted=True), (), False),
        (replace(PYTHON, path=FilePath("/usr/bin/no-package-has-this")), (), False),
        (replace(PYTHON, foreign=True, elsewhere=True), (), True),  # a container's
        (replace(PYTHON, foreign=True, elsewhere=True), ("root-apart",), False),
        (replace(PYTHON, path=FilePath("/app/server"), foreign=True), (), False),
        (replace(PYTHON, nowhere=True), (), False),
        (replace(PYTHON, memfd=True), (), False),
        (None, (), False),
    ],
)
def test_whose_program_it_is(rules: RuleSet, exe: Executable | None, facts: tuple[str, ...], owned: bool) -> None:
    process = ProcessSeen(id=ProcessId(1, 1), parent=0, name="x", exe=exe, facts=frozenset(facts))
    assert make_worker(rules, None)._is_owned(process) is owned


def test_the_run_that_started_this_scan_is_no_other_run() -> None:
    """`codered answer` starts a scan; whoever else runs the tool stays a gap."""
    pid = os.getppid()
    above, further, aside = ProcessId(pid + 100_000, 1), ProcessId(pid + 200_000, 1), ProcessId(pid + 300_000, 1)
    seen = ProcessesSeen(
        processes=(
            ProcessSeen(id=ProcessId(pid, 1), parent=above.pid, name="scan"),
            ProcessSeen(id=ProcessId(pid + 1, 1), parent=pid, name="worker"),
            ProcessSeen(id=above, parent=further.pid, name="answer"),
            ProcessSeen(id=further, parent=1, name="sshd"),
            ProcessSeen(id=aside, parent=further.pid, name="another run"),
        )
    )
    own = find_own(seen, frozenset([above, aside]))
    assert own == {ProcessId(pid, 1), ProcessId(pid + 1, 1), above}
    assert find_own(seen, frozenset([aside])) == {ProcessId(pid, 1), ProcessId(pid + 1, 1)}
