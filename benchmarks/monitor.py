"""The watch: what it costs while nothing happens, and how long from an event to its alert.

    .venv/bin/python benchmarks/monitor.py [--seconds 20] [--events 10]

Watches this host's critical places (nothing is changed) and a folder of its own, waits for the first look to end, then
measures the processor time of the watch and its judges while idle, in percent of one core. Then writes inert examples
of a pack into the folder, one after the other, and measures from the end of the write to the alert's line on the disk.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE = REPOSITORY / "packs/react2shell/examples/hit/host.tree.yaml"
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120.0
sys.path.insert(0, str(REPOSITORY / "src"))


def read_cost(pids: list[int]) -> float:
    """Processor seconds of these processes so far."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def find_family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def wait_for(state: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if state.exists() and json.loads(state.read_text()).get("settled"):
            return
        time.sleep(0.1)
    raise TimeoutError("the first look does not end")


def measure_alert(sample: Path, into: Path, alerts: Path) -> float:
    shutil.copy(sample, into)
    began = time.monotonic()
    until = began + PATIENCE
    while time.monotonic() < until:
        if alerts.exists() and into.name in alerts.read_text():
            return time.monotonic() - began
        time.sleep(0.002)
    raise TimeoutError("no alert")


def main() -> None:
    from codered.packs.examples import write_tree

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--events", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        for name in ("web", "scratch"):
            (folder / name).mkdir()
        write_tree(EXAMPLE, folder / "scratch")
        alerts = folder / "alerts.jsonl"
        words = ["monitor", "web", "--for", "1h", "--every", "0s", "--jsonl", str(alerts)]
        environment = os.environ | {"CODERED_STATE": f"{base}/state", "PYTHONPATH": str(REPOSITORY / "src")}
        watch = subprocess.Popen(
            [sys.executable, "-m", "codered", *words], cwd=base, env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(folder / "state/monitors/host/state.json")
            time.sleep(2)
            family = find_family(watch.pid)
            before = read_cost(family)
            time.sleep(given.seconds)
            idle = (read_cost(family) - before) / given.seconds
            memory = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4 // 1024 for pid in family)
            print(f"idle: {idle:.2%} of a core over {given.seconds:.0f} s, {memory} MiB in {len(family)} processes")
            sample = folder / "scratch/opt/nss-tool"
            times = [measure_alert(sample, folder / f"web/x{number}", alerts) for number in range(given.events)]
            print(f"event to alert: median {statistics.median(times) * 1000:.0f} ms, most {max(times) * 1000:.0f} ms")
        finally:
            watch.kill()
            watch.wait()


if __name__ == "__main__":
    main()
