"""Up twice, down, broken off half-way: a laboratory leaves nothing behind, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.building import lower_lab
from lab.linux_hosts import write
from lab.namespaces import find_processes, list_namespaces
from lab.records import read_record, read_start
from lab.words import FAILED, INCOMPLETE, main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="lab-"))
    yield made
    lower_lab(made)
    shutil.rmtree(made, ignore_errors=True)


def start_up(folder: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "lab", "up", "--into", str(folder)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until_begun(folder: Path, part: str) -> str:
    """The name of a laboratory that has begun to stand."""
    until = time.monotonic() + 30
    while not (folder / part).exists():
        assert time.monotonic() < until, f"{part} never came"
        time.sleep(0.005)
    record = read_record(folder)
    assert record is not None
    return record.id


def demand_nothing_left(name: str, folder: Path, processes: dict[int, int]) -> None:
    assert list_namespaces(name) == []
    assert not folder.exists()
    until = time.monotonic() + 5  # one that is just ending is in no namespace any more
    while left := [pid for pid, start in processes.items() if start and read_start(pid) == start]:
        assert time.monotonic() < until, left
        time.sleep(0.02)
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    assert name not in Path("/proc/self/mountinfo").read_text()
    assert not [link for _, link in socket.if_nameindex() if link.startswith(("ge-", "rt-"))]


def test_up_again_down_and_what_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--into", str(folder)]
    assert main(["up", *where]) == 0
    first = read_record(folder)
    assert first is not None
    assert main(["up", *where]) == 0
    assert read_record(folder) == first
    os.kill(first.parts["web"][0], signal.SIGKILL)
    os.waitpid(first.parts["web"][0], 0)
    capsys.readouterr()
    assert main(["status", *where]) == INCOMPLETE
    assert "web                      DEAD" in capsys.readouterr().out
    processes = {pid: read_start(pid) for pid in find_processes(list_namespaces(first.id))}
    assert len(processes) > 20
    assert main(["down", *where]) == 0
    demand_nothing_left(first.id, folder, processes)
    assert main(["down", *where]) == 0
    assert main(["status", *where]) == FAILED


@pytest.mark.parametrize(("how", "part"), [(signal.SIGKILL, "sw2"), (signal.SIGKILL, "web"), (signal.SIGINT, "hosts")])
def test_an_up_that_is_broken_off_leaves_nothing(folder: Path, how: signal.Signals, part: str) -> None:
    starting = start_up(folder)
    name = wait_until_begun(folder, part)
    starting.send_signal(how)
    processes = {pid: read_start(pid) for pid in find_processes(list_namespaces(name))}
    code = starting.wait(timeout=30)
    if how == signal.SIGKILL:
        assert code == -9
        assert main(["status", "--into", str(folder)]) == INCOMPLETE
        assert main(["down", "--into", str(folder)]) == 0
    else:
        assert code == 130
    demand_nothing_left(name, folder, processes)


def test_what_can_not_be_built_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "hosts.csv").write_text("somebody's\n")
    assert main(["up", "--into", str(folder)]) == FAILED
    assert "files of somebody else are in it (hosts.csv)" in capsys.readouterr().err
    assert (folder / "hosts.csv").read_text() == "somebody's\n"
    assert main(["up", "--into", str(folder / ("n" * 80))]) == FAILED
    assert "too long a name" in capsys.readouterr().err
    (folder / "lab.json").write_text("{}")
    assert main(["down", "--into", str(folder)]) == FAILED
    assert "not a laboratory's record" in capsys.readouterr().err
    (folder / "lab.json").unlink()


def test_what_is_laid_out_on_a_host_again_takes_the_place_of_a_mask(tmp_path: Path) -> None:
    outside = tmp_path / "null"
    outside.touch(0o666)
    mask = tmp_path / "root/etc/systemd/system/inert.service"
    mask.parent.mkdir(parents=True)
    mask.symlink_to(outside)
    before = outside.stat().st_mode
    write(tmp_path / "root", "etc/systemd/system/inert.service", "[Unit]\n")
    assert (mask.is_symlink(), mask.read_text(), mask.stat().st_mode & 0o777) == (False, "[Unit]\n", 0o644)
    assert (outside.read_text(), outside.stat().st_mode) == ("", before)
