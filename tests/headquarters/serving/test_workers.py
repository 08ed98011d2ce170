"""The worker beside the console: its lines are told, it is begun again, and ends with us."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from codered_hq.serving import workers
from codered_hq.serving.workers import Worker

SECONDS = 30.0


def wait_until(lines: list[str], number: int, words: str) -> None:
    until = time.monotonic() + SECONDS
    while sum(words in line for line in lines) < number:
        assert time.monotonic() < until, lines
        time.sleep(0.02)


def run_python(text: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(text)]


def test_its_lines_are_told_and_it_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FIRST_PAUSE", 0.01)
    lines: list[str] = []
    worker = Worker(lines.append, run_python("import sys; sys.exit('codered: fleet: done')"))
    worker.start()
    wait_until(lines, 2, "worker: ended with 1, begins again")
    worker.stop()
    assert lines[0] == "worker: fleet: done"
    number = len(lines)
    time.sleep(0.1)
    assert len(lines) == number


def test_one_that_cannot_be_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    worker = Worker(lines.append, ["/nowhere/codered"])
    worker.start()
    wait_until(lines, 1, "worker: ended with no start (No such file or directory)")
    worker.stop()


def test_what_is_under_way_is_finished_and_then_it_is_over(tmp_path: Path) -> None:
    lines: list[str] = []
    program = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: (print('finishing', file=sys.stderr, flush=True), sys.exit(0)))
        print('ready', file=sys.stderr, flush=True)
        time.sleep(60)
    """
    worker = Worker(lines.append, run_python(program))
    worker.start()
    wait_until(lines, 1, "ready")
    worker.stop()
    assert lines == ["worker: ready", "worker: finishing"]


def test_one_that_hears_nothing_is_killed() -> None:
    lines: list[str] = []
    program = """
        import os, signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(os.getpid(), file=sys.stderr, flush=True)
        time.sleep(60)
    """
    worker = Worker(lines.append, run_python(program))
    worker.start()
    wait_until(lines, 1, "worker: ")
    worker.stop(0.1)
    pid = int(lines[0].removeprefix("worker: "))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_ends_when_we_are_gone(headquarters: Path) -> None:
    program = """
        import sys, time
        from codered_hq.serving.workers import Worker
        Worker(lambda line: print(line, flush=True), sys.argv[1:]).start()
        time.sleep(60)
    """
    words = run_python("import os, sys; print(os.getpid(), file=sys.stderr, flush=True); sys.stdin.read()")
    command = [*run_python(program), *words]
    with subprocess.Popen(command, env=workers._make_environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        pid = int(server.stdout.readline().removeprefix("worker: "))
        assert os.getpgid(pid) == pid  # Ctrl-C reaches it by us alone
        server.send_signal(signal.SIGKILL)
        server.wait(SECONDS)
        until = time.monotonic() + SECONDS
        while is_running(pid):
            assert time.monotonic() < until
            time.sleep(0.02)


def is_running(pid: int) -> bool:
    """A zombie that nobody has collected yet runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
