"""Real processes of the test, as /proc tells them; hostile names, vanishing ones, and no rights."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from codered.collect.hidden_processes import FILES, LISTING, SIGNALS
from codered.collect.process_status import KERNEL_THREAD
from codered.collect.processes import collect_processes
from codered.model.process import HiddenProcess, UnreadProcess
from tests.fixtures.running import copy_program, running
from tests.fixtures.unprivileged import run_as_nobody


def test_processes_that_come_and_go_are_dropped_quietly() -> None:
    code = "i=0; while [ $i -lt 3000 ]; do /bin/true; i=$((i+1)); done"
    with running("sh", "-c", code) as pid:
        for _ in range(10):
            seen = collect_processes()
            assert any(one.id.pid == pid for one in seen.processes)
            assert len({one.id for one in seen.processes}) == len(seen.processes)
            bare = [one for one in seen.processes if not (one.command or one.kernel or one.state in "ZX" or one.exe)]
            assert [one for one in bare if lives_on(one.id.pid)] == []


def lives_on(pid: int) -> bool:
    """Whether it still has a program: one that was on its way out when it was seen has none."""
    try:
        return bool(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False


def test_the_hash_is_of_what_runs(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        seen = collect_processes()
        mine = next(one for one in seen.processes if one.id.pid == pid)
        assert len(seen.hash_of(mine)) == 64
    assert seen.hash_of(mine) == ""


def look_from(*lines: str, pid: int) -> tuple[bool, list[HiddenProcess], list[UnreadProcess]]:
    """What is seen of a process after commands in a mount namespace of the test's own: whether it is seen whole and as
    hidden, and what else is told.
    """
    if os.geteuid() != 0:
        pytest.skip("needs root")
    code = "; ".join(("set -e", *lines, 'exec "$0" -c "$1" "$2"'))
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", code, sys.executable, LOOK, str(pid)]
    told = subprocess.run(words, capture_output=True, check=True, timeout=60).stdout
    return msgspec.json.decode(told, type=tuple[bool, list[HiddenProcess], list[UnreadProcess]])


LOOK = """
import sys, msgspec
from codered.collect.processes import collect_processes
seen = collect_processes()
whole = [one for one in seen.processes if one.exe and not one.kernel and "hidden" in one.facts]
there = int(sys.argv[1]) in [one.id.pid for one in whole]
unread = [one for one in seen.unread if one.what.split()[1:2] == [sys.argv[1]]]
sys.stdout.buffer.write(msgspec.json.encode((there, seen.hidden, unread)))
"""


def test_a_process_under_an_empty_folder_is_hidden_and_a_gap(tmp_path: Path) -> None:
    with running("sleep", "60") as pid:
        there, hidden, unread = look_from(f"mount --bind {tmp_path} /proc/{pid}", pid=pid)
    assert not there
    assert hidden == [HiddenProcess(pid=pid, seen_by=(LISTING, SIGNALS), missing_from=(FILES,))]
    assert [one.what for one in unread] == [f"process {pid}"]


def test_a_process_under_the_folder_of_another_is_hidden() -> None:
    with running("sleep", "60") as pid, running("sleep", "60") as other:
        there, hidden, _ = look_from(f"mount --bind /proc/{other} /proc/{pid}", pid=pid)
    assert not there
    assert [one.pid for one in hidden] == [pid]


def test_a_process_with_one_file_covered_is_hidden_and_read(tmp_path: Path) -> None:
    (tmp_path / "line").write_bytes(b"/usr/sbin/cron\0-f\0")
    with running("sleep", "60") as pid:
        there, hidden, unread = look_from(f"mount --bind {tmp_path}/line /proc/{pid}/cmdline", pid=pid)
    assert there
    assert [one.pid for one in hidden] == [pid]
    assert unread == []


def test_a_line_laid_over_its_own_makes_no_kernel_thread(tmp_path: Path) -> None:
    with running("sleep", "60") as pid:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        fields[6] = str(KERNEL_THREAD)
        (tmp_path / "stat").write_text(f"{pid} (kworker/0:1) {' '.join(fields)}\n")
        there, hidden, _ = look_from(f"mount --bind {tmp_path}/stat /proc/{pid}/stat", pid=pid)
    assert there
    assert [one.pid for one in hidden] == [pid]


def test_without_rights_what_is_missing_is_listed() -> None:
    with running("sleep", "60") as pid:

        def look() -> list[list[str]]:
            seen = collect_processes()
            names = [one.name for one in seen.processes if one.id.pid == pid]
            return [names, [one.what for one in seen.unread], [one.why for one in seen.unread]]

        names, what, why = run_as_nobody(look)
    assert names == ["sleep"]
    assert f"process {pid} (sleep)" in what
    reason = why[what.index(f"process {pid} (sleep)")]
    assert "executable" in reason
    assert "only root may" in reason


def test_a_folder_that_lies(tmp_path: Path) -> None:
    """A made-up /proc: broken files cost their process, nothing else."""
    for name, stat in (("77", b"78 (other) S " + b"1 " * 40), ("78", b"rubbish"), ("79", b"79 (ok) S " + b"1 " * 40)):
        (tmp_path / name).mkdir()
        for file in ("status", "cmdline", "cgroup", "environ", "maps"):
            (tmp_path / name / file).write_bytes(b"\xff" * 1000)
        (tmp_path / name / "stat").write_bytes(stat)
    (tmp_path / "80").write_bytes(b"no folder")
    seen = collect_processes(str(tmp_path))
    mine = [one for one in seen.processes if one.id.pid in (77, 78, 79, 80)]
    assert [one.id.pid for one in mine] == [79]
    assert any("open files" in one.why for one in seen.unread if one.what == "process 79 (ok)")


def test_many_processes_are_seen() -> None:
    children = [subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL) for _ in range(100)]
    try:
        seen = {one.id.pid for one in collect_processes().processes}
    finally:
        for child in children:
            child.kill()
            child.wait(10)
    assert {child.pid for child in children} <= seen
