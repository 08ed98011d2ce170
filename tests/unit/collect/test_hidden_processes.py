"""Views that differ: a made-up listing that lacks a real child, and the machine as it is, which hides nothing."""

import os
import threading
from pathlib import Path

from codered.collect.hidden_processes import (
    GROUPS,
    LISTING,
    SIGNALS,
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
