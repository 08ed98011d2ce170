"""Hours of the watch and a million findings: what must level off, does it.

    .venv/bin/python -m benchmarks.soak [--hours 24] [--scale 180] [--findings 1000000] [--hosts 50000] [--each 20]
                                      [--only PART]

`--only monitor`: `codered monitor` in a network and process namespace of its own, whose rounds follow each other
`scale` times as fast (ticks, signs of life, whole looks; other waits keep their time). `--only headquarters`:
`codered serve` on a folder of its own, posts signed by collectors, each finding once: up to
1,000 findings a post, `each` of them of one host, as an outbreak shows itself; round after round of the hosts if there
are more findings than `hosts` times `each`. Prints a table in Markdown; exits 1
if a limit is not kept. Needs root.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

from benchmarks.soak_headquarters import soak_headquarters
from benchmarks.soak_monitor import soak_monitor


def main() -> int:
    """The parts that were asked for; 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--scale", type=float, default=180.0)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=50_000)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--only", choices=["monitor", "headquarters"])
    given = parser.parse_args()
    load = Path("/proc/loadavg").read_text().split()[0]
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, load {load} before\n"
    )
    print("| what | seen | limit | kept |\n|---|---|---|---|")
    rows = [] if given.only == "headquarters" else soak_monitor(given.hours, given.scale)
    rows += [] if given.only == "monitor" else soak_headquarters(given.findings, given.hosts, given.each)
    return int(not all(kept for _what, _seen, _limit, kept in rows))


if __name__ == "__main__":
    sys.exit(main())
