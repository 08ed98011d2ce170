"""Views that differ: a made-up listing that lacks a real child, and the machine as it is, which hides nothing."""

import os
import threading
from pathlib import Path

from codered.collect.hidden_processes import (
    FILES,
    GROUPS,
    LISTING,
    SIGNALS,
    find_covered_processes,
    find_hidden_processes,
    hides_strangers,
    list_pids,
)
from tests.fixtures.running import running
from tests.fixtures.unprivileged import run_as_nobody


def make_listing(folder: Path, without: int) -> str:
    """A /proc that is the real one but for one pid."""
    for name in os.listdir("/proc"):
        if name != str(without):
            (folder / name).symlink_to(f"/proc/{name}")
    return str(folder)


def make_groups(folder: Path, *pids: int) -> str:
    (folder / "inner").mkdir(parents=True)
    (folder / "cgroup.procs").write_text("0\nrubbish\n")
    (folder / "inner" / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))
    return str(folder)


def test_a_pid_that_is_not_listed_and_answers(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    with running("sleep", "60") as pid:
        proc = make_listing(tmp_path / "proc", pid)
        groups = make_groups(tmp_path / "groups", pid, os.getpid())
        found = {one.pid: one for one in find_hidden_processes(proc, groups)}
    assert found[pid].seen_by == (GROUPS, SIGNALS)
    assert found[pid].missing_from == (LISTING,)
    assert os.getpid() not in found


def test_a_listed_child_is_not_hidden(tmp_path: Path) -> None:
    groups = make_groups(tmp_path / "groups", 999_999_999)
    with running("sleep", "60") as pid:
        assert pid in list_pids()
        assert pid not in {one.pid for one in find_hidden_processes("/proc", groups)}


def test_threads_answer_too_and_are_no_processes() -> None:
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        hidden = {one.pid for one in find_hidden_processes()}
        assert hidden.isdisjoint({thread.native_id for thread in threads})
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_this_machine_hides_nothing_while_processes_come_and_go() -> None:
    code = "i=0; while [ $i -lt 3000 ]; do /bin/true & wait; i=$((i+1)); done"
    with running("sh", "-c", code):
        for _ in range(3):
            assert find_hidden_processes() == ()


def test_the_same_without_rights() -> None:
    assert run_as_nobody(lambda: [one.pid for one in find_hidden_processes()]) == []


def test_a_folder_that_does_not_show_its_process(tmp_path: Path) -> None:
    with running("sleep", "60") as pid, running("sleep", "60") as other:
        for name, target in ((pid, other), (other, other)):
            (tmp_path / str(name)).symlink_to(f"/proc/{target}")
        (tmp_path / "999999999").mkdir()
        assert [one.pid for one in find_covered_processes(str(tmp_path), (pid, other, 999_999_999))] == [pid]
        (tmp_path / str(pid)).unlink()
        assert find_covered_processes(str(tmp_path), (pid,)) == ()
        (tmp_path / str(pid)).mkdir()
        (found,) = find_covered_processes(str(tmp_path), (pid,))
        assert (found.seen_by, found.missing_from) == ((LISTING, SIGNALS), (FILES,))
    assert find_covered_processes(str(tmp_path), (pid,)) == ()


def test_what_is_mounted_below_a_process(tmp_path: Path) -> None:
    with running("sleep", "60") as pid, running("sleep", "60") as other:
        for name in (pid, other):
            (tmp_path / str(name)).symlink_to(f"/proc/{name}")
        (tmp_path / "self").mkdir()
        start = "90 80 0:5 / /proc"
        lines = (
            f"{start} rw - proc proc rw",
            f"{start}/{pid}/exe rw,relatime - tmpfs x rw",
            f"{start}/{other}\\040 rw - tmpfs x rw",
            f"{start}/sys/{other} rw - tmpfs x rw",
            f"90 80 0:5 /proc/{other} /mnt rw - proc proc rw",
            f"{start}/999999999 rw - tmpfs x rw",
        )
        (tmp_path / "self/mountinfo").write_text("\n".join(lines) + "\n")
        assert [one.pid for one in find_covered_processes(str(tmp_path), ())] == [pid]
    assert find_covered_processes("/proc", ()) == ()


def test_a_mount_that_hides_other_users(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    mounts = tmp_path / "self" / "mounts"
    proc = str(tmp_path)
    tmp_path.chmod(0o755)

    def ask(options: str) -> bool:
        mounts.write_text(f"proc /proc proc {options} 0 0\ntmpfs /x tmpfs rw,hidepid=2 0 0\n")
        return run_as_nobody_in(proc)

    assert not hides_strangers(proc) or os.geteuid() != 0
    parents = [tmp_path, *tmp_path.parents]
    if all(folder.stat().st_mode & 0o001 for folder in parents):
        assert ask("rw,hidepid=invisible")
        assert ask("rw,hidepid=2")
        assert not ask("rw,relatime")
        assert not ask("rw,hidepid=0")


def run_as_nobody_in(proc: str) -> bool:
    return run_as_nobody(lambda: hides_strangers(proc))
