import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codered.remediate import package_commands
from codered.remediate.file_state import ChangeFailed
from codered.remediate.package_commands import StillAtWork, ask, carry_out, wait_for_locks


def test_an_answer_and_why_there_is_none() -> None:
    assert ask(("printf", "%s", "x\\n; id")) == "x\\n; id"
    with pytest.raises(ChangeFailed, match="dpkg-query -W"):
        ask(("dpkg-query", "-W", "no-such-package-at-all"))
    with pytest.raises(ChangeFailed, match="no answer"):
        ask(("no-such-program-at-all", "x"))
    with pytest.raises(ChangeFailed, match="TimeoutExpired"):
        ask(("sleep", "20"), seconds=1)


def test_what_it_says_is_kept(tmp_path: Path) -> None:
    log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    try:
        carry_out(("echo", "said"), log)
        with pytest.raises(ChangeFailed, match="failed with 1"):
            carry_out(("false",), log)
        with pytest.raises(ChangeFailed):
            carry_out(("no-such-program-at-all",), log)
    finally:
        os.close(log)
    assert (tmp_path / "log").read_text().splitlines()[:3] == ["$ echo said", "said", "$ false"]


def test_one_that_does_not_end_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that it started, which may hold the lock."""
    monkeypatch.setattr(package_commands, "MOST_SECONDS", 1)
    monkeypatch.setattr(package_commands, "_GRACE_SECONDS", 10)  # the child, were it not asked, would sleep on
    with (tmp_path / "log").open("wb") as log, pytest.raises(ChangeFailed, match="asked to, and did") as caught:
        carry_out(("sh", "-c", "sleep 100 & echo $!; wait"), log.fileno())
    assert not isinstance(caught.value, StillAtWork)
    child = int((tmp_path / "log").read_text().splitlines()[1])
    assert is_over(child)


def test_one_that_will_not_end_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_commands, "MOST_SECONDS", 1)
    monkeypatch.setattr(package_commands, "_GRACE_SECONDS", 0.1)
    with (tmp_path / "log").open("wb") as log, pytest.raises(StillAtWork, match="still at work"):
        carry_out(("sh", "-c", "trap '' TERM; echo $$; sleep 100 & wait; sleep 100 & wait"), log.fileno())
    child = int((tmp_path / "log").read_text().splitlines()[1])
    try:
        assert not is_over(child)
    finally:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_lock_that_is_held_on_means_still_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds it: what the package manager started may have left its group."""
    monkeypatch.setattr(package_commands, "MOST_SECONDS", 1)
    monkeypatch.setattr(package_commands, "_GRACE_SECONDS", 0.1)
    (tmp_path / "lock").touch()
    with (tmp_path / "log").open("wb") as log, holding(tmp_path / "lock"), pytest.raises(StillAtWork):
        carry_out(("sleep", "100"), log.fileno(), (str(tmp_path / "none"), str(tmp_path / "lock")))


def is_over(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def holding(lock: Path) -> Iterator[None]:
    take = f"f = open({str(lock)!r}, 'w'); fcntl.lockf(f, fcntl.LOCK_EX)"
    held = f"import fcntl, sys; {take}; print(1, flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        yield
    finally:
        other.communicate(timeout=20)


def test_a_lock_that_another_holds(tmp_path: Path) -> None:
    lock, free = tmp_path / "lock", tmp_path / "free"
    locks = (str(free), str(lock))
    wait_for_locks(locks)  # there is none
    lock.touch()
    free.touch()
    wait_for_locks(locks)
    with holding(lock), pytest.raises(ChangeFailed, match="another package manager"):
        wait_for_locks(locks, seconds=0.1)
    wait_for_locks(locks)
    with lock.open("w") as mine:
        fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)  # and left free
