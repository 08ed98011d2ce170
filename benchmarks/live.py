"""The live layers of one host with many processes: how long the first look takes, and what it costs.

    .venv/bin/python benchmarks/live.py [--processes 300] [--rounds 3]

Starts that many sleeping children, then runs `codered scan --fast` as a user would and prints the steps of its report,
beside a plain reading of the same /proc (cmdline, status, maps of every process) as the limit in the same run. Also the
largest resident size of any of our processes above one that only loaded the rules.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CODERED = [os.environ.get("CODERED", str(REPOSITORY / "codered"))]
READ = ("cmdline", "status", "maps", "stat", "cgroup", "environ")


def read_plainly() -> float:
    """Seconds to read what the kernel says of every process, and do nothing with it."""
    begin = time.monotonic()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            for name in READ:
                try:
                    Path(entry.path, name).read_bytes()
                except OSError:
                    continue
    return time.monotonic() - begin


def scan() -> tuple[float, dict[str, object], int]:
    """Wall seconds, the report, and the largest resident size in bytes of any process of the command."""
    begin = time.monotonic()
    done = subprocess.run([*CODERED, "scan", "--fast", "--json"], capture_output=True, check=False)
    seconds = time.monotonic() - begin
    return seconds, json.loads(done.stdout), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    )
    children = [subprocess.Popen(["sleep", "600"]) for _ in range(asked.processes)]
    try:
        scan()  # compiles the rules if they are new
        plain = min(read_plainly() for _ in range(asked.rounds))
        rounds = [scan() for _ in range(asked.rounds)]
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()
    seconds, report, largest = min(rounds, key=lambda one: one[0])
    print(f"plain reading of /proc            {plain:6.2f} s")
    print(f"codered scan --fast, whole        {seconds:6.2f} s   {seconds / plain:.1f} x")
    for stage in report["order"]:  # type: ignore[attr-defined]
        print(f"  {stage['what']:<32}{stage.get('seconds', 0):6.2f} s   (from the start of the first step)")
    for look in report["looks"]:  # type: ignore[attr-defined]
        if look["state"] == "looked":
            print(f"  {look['where']:<32}{look.get('count', 0):>8} {look.get('bytes', 0) / 1e6:10.1f} MB")
    print(f"largest resident process          {largest / 1e6:6.0f} MB")
    sys.exit(0)


if __name__ == "__main__":
    main()
