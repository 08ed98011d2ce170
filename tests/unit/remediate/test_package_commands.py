import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codered.remediate import package_commands
from codered.remediate.file_state import ChangeFailed
from codered.remediate.package_commands import ask, carry_out, wait_for_lock


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


def test_one_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_commands, "MOST_SECONDS", 1)
    with (tmp_path / "log").open("wb") as log, pytest.raises(ChangeFailed, match="did not end"):
        carry_out(("sleep", "20"), log.fileno())


def test_a_lock_that_another_holds(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    wait_for_lock(str(lock))  # there is none
    lock.touch()
    wait_for_lock(str(lock))
    take = f"f = open({str(lock)!r}, 'w'); fcntl.lockf(f, fcntl.LOCK_EX)"
    held = f"import fcntl, sys; {take}; print(1, flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ChangeFailed, match="another package manager"):
            wait_for_lock(str(lock), seconds=0.1)
    finally:
        other.communicate(timeout=20)
    wait_for_lock(str(lock))
    with lock.open("w") as mine:
        fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)  # and left free
