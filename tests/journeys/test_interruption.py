"""A scan that ends early: by Ctrl-C, by a killed parent. Nothing stays behind, and nothing reads as clean."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from codered.model.report import Report
from tests.fixtures.command import Desk

SECONDS = 60


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A tree that takes minutes to read and no room on the disk."""
    root = tmp_path / "endless"
    for number in range(200):
        path = root / f"d{number % 10}" / f"f{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(60 << 20)
    return root


def list_workers(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def read_stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; [] when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def wait_for_workers(pid: int) -> list[int]:
    """The workers of a scan, once some of them have really begun to read (a tenth of a second, their own and the
    kernel's: a fast machine has matched all the files of a test in less than two tenths of its own).
    """
    wait_until(lambda: sum(sum(map(int, read_stat(worker)[11:13])) for worker in list_workers(pid)) > 10)
    return list_workers(pid)


def wait_until_gone(workers: list[int]) -> None:
    """Nobody may have taken leave of a killed parent's workers yet: a zombie (Z) is gone, too."""
    for worker in workers:
        wait_until(lambda pid=worker: read_stat(pid)[:1] in ([], ["Z"], ["X"]))  # type: ignore[misc]


def test_ctrl_c_gives_an_incomplete_report_and_leaves_nobody(desk: Desk, endless: Path) -> None:
    process = desk.start("scan", endless, "--json", "-o", "r.txt")
    workers = wait_for_workers(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "")
    wait_until_gone(workers)
    report = msgspec.json.decode(out, type=Report)
    assert (report.interrupted, report.verdict) == (True, "incomplete")
    assert [gap.why for gap in report.gaps()] == ["stopped by the user before the end"]
    text = (desk.folder / "r.txt").read_text()
    assert text.startswith("INCOMPLETE")
    assert "interrupted" in text.split("\n\n", maxsplit=1)[0]


def test_an_interrupted_report_shown_again_is_still_incomplete(desk: Desk, endless: Path) -> None:
    process = desk.start("scan", endless, "--json")
    wait_for_workers(process.pid)
    process.send_signal(signal.SIGINT)  # to the parent alone, as `kill -INT` does
    out, _ = process.communicate(timeout=SECONDS)
    (desk.folder / "r.json").write_text(out)
    assert desk.run("report", "r.json").out.startswith("INCOMPLETE")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_workers_go_when_their_parent_is_killed(desk: Desk, endless: Path, number: signal.Signals) -> None:
    process = desk.start("scan", endless)
    workers = wait_for_workers(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)
    ended = -number if number == signal.SIGKILL else 130  # the others end like Ctrl-C, with a report
    assert (process.returncode, err) == (ended, "")
    wait_until_gone(workers)


def test_a_worker_killed_from_outside_costs_nothing(desk: Desk, endless: Path) -> None:
    for path in sorted(endless.rglob("f*"))[30:]:
        path.unlink()
    process = desk.start("scan", endless, "--json")
    os.kill(wait_for_workers(process.pid)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=SECONDS)
    report = msgspec.json.decode(out, type=Report)
    assert (process.returncode, err, report.verdict) == (0, "", "clean")
    assert sum(look.count for look in report.looks if look.state == "looked") == 30
