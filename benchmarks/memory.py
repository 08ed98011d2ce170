"""The most memory a scan holds, all its processes together, sampled every 20 ms.

    .venv/bin/python benchmarks/memory.py PATH...

Prints PSS (shared pages counted once) and the sum of RSS (counted in every process), in MB. The bar is 300.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

CODERED = os.environ.get("CODERED", str(Path(__file__).resolve().parent.parent / "codered"))


def list_tree(pid: int) -> list[int]:
    found = [pid]
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            children = Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
            found += [inner for child in children for inner in list_tree(int(child))]
    except OSError:
        pass
    return found


def sample(pid: int) -> tuple[int, int]:
    pss = rss = 0
    for process in list_tree(pid):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        values = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        pss, rss = pss + values.get("Pss", 0), rss + values.get("Rss", 0)
    return pss, rss


def main() -> None:
    scan = subprocess.Popen([CODERED, "scan", "--json", *sys.argv[1:]], stdout=subprocess.DEVNULL)
    most = (0, 0)
    while scan.poll() is None:
        now = sample(scan.pid)
        most = (max(most[0], now[0]), max(most[1], now[1]))
        time.sleep(0.02)
    print(f"PSS {most[0] / 1024:,.0f} MB, RSS counted in every process {most[1] / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
