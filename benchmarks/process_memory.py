"""Scanning one process's memory: `codered`'s scanner and `yara PID` with the same rule, in one run.

    .venv/bin/python benchmarks/process_memory.py [ROUNDS]

The target is a child with 490 MB of private anonymous memory, a mapped file of 300 MB that it never touched, 1 GB that
is reserved and never touched, and a mark at the end of the first. Each scan gets a new target. Prints seconds (the best
of ROUNDS), the ratio, and what the target and the scanner hold (RSS). Needs Debian's package yara.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from codered.model.process import ProcessId  # noqa: E402
from codered.model.ruleset import RuleSet  # noqa: E402
from codered.scan.memory_scan import MemoryScanner  # noqa: E402
from tests.fixtures.memory_children import RULES, child  # noqa: E402

MB = 1_000_000
CODE = f"""
area = mmap.mmap(-1, {490 * MB}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
noise = os.urandom(1 << 20)
for at in range(0, len(area) - len(noise), len(noise)):
    area[at : at + len(noise)] = noise
place(area, len(area) - 5000)
reserved = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
with open(sys.argv[3], "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
where = address(area) + len(area) - 5000
"""


def read_status(pid: int | str, name: str) -> float:
    """A line of /proc/PID/status in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024 / MB


@contextmanager
def target(file: str) -> Iterator[ProcessId]:
    with child(CODE, file) as (process, _):
        yield process


def compile_rules() -> bytes:
    """The rules, ready; made in another process, as a scan takes them ready from its cache."""
    code = (
        "import sys, msgspec; sys.path[:0] = sys.argv[1:]\n"
        "from tests.fixtures.memory_children import memory_rules\n"
        "sys.stdout.buffer.write(msgspec.msgpack.encode(memory_rules()))"
    )
    return subprocess.run([sys.executable, "-c", code, *sys.path[:2]], stdout=subprocess.PIPE, check=True).stdout


def scan_with_codered(process: ProcessId, rules: RuleSet) -> tuple[float, float]:
    """Seconds and our own highest RSS, in a process of its own as the scan's workers are."""
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        scanner = MemoryScanner(rules)
        started = time.monotonic()
        look = scanner.scan(process, "target")
        seconds = time.monotonic() - started
        found = {finding.indicator for finding in look.findings}
        assert found == {"mark"}, (found, look.troubles)
        os.write(writing, f"{seconds} {read_status('self', 'VmHWM')}".encode())
        os._exit(0)
    os.waitpid(worker, 0)
    seconds_text, most = os.read(reading, 100).split()
    return float(seconds_text), float(most)


def scan_with_yara(process: ProcessId, rules: str) -> tuple[float, float]:
    started = time.monotonic()
    run = subprocess.Popen(["yara", rules, str(process.pid)], stdout=subprocess.PIPE, text=True)
    assert run.stdout
    printed = run.stdout.read()
    _, _, usage = os.wait4(run.pid, 0)
    seconds = time.monotonic() - started
    assert "mark" in printed, printed
    return seconds, usage.ru_maxrss * 1024 / MB


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    best = {"codered": 1e9, "yara": 1e9}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "rules.yar")
        source.write_text(RULES)
        rules = msgspec.msgpack.decode(compile_rules(), type=RuleSet)
        file = Path(folder, "untouched")
        with file.open("wb") as out:
            for _ in range(300):
                out.write(os.urandom(MB))
        for _ in range(rounds):
            for name in ("codered", "yara"):
                with target(str(file)) as process:
                    before = read_status(process.pid, "VmRSS")
                    scan = scan_with_yara(process, str(source)) if name == "yara" else scan_with_codered(process, rules)
                    after = read_status(process.pid, "VmRSS")
                best[name] = min(best[name], scan[0])
                print(f"{name:8} {scan[0]:6.2f} s  target {before:4.0f} -> {after:4.0f} MB  own RSS {scan[1]:4.0f} MB")
    print(f"codered {best['codered']:.2f} s, yara PID {best['yara']:.2f} s: {best['yara'] / best['codered']:.1f} times")


if __name__ == "__main__":
    main()
