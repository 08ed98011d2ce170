"""Packages against their records, side by side in one run: codered and `dpkg --verify` on this host.

    .venv/bin/python benchmarks/packages.py [--cold] [--rounds N]

Rounds are interleaved and the best of each is taken. --cold empties the page cache of the packages' files before each
run. Both must find the same: the run fails if they do not. Prints seconds, the ratio, and what was compared.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "src"))

from codered.collect.package_sums import Verified, verify_packages  # noqa: E402 - the checkout, not an installed one
from codered.targets.live_linux import LiveLinux  # noqa: E402

_LINE = re.compile(r"(missing|[?.5]{9}) +(c )?(/.*)")


def ask_dpkg() -> tuple[float, set[tuple[bool, str]]]:
    """Seconds, and for each file that is no configuration whether it is missing."""
    begin = time.perf_counter()
    done = subprocess.run(["dpkg", "--verify"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    lines = filter(None, map(_LINE.fullmatch, done.stdout.splitlines()))
    return seconds, {(line[1] == "missing", line[3]) for line in lines if not line[2]}


def ask_codered() -> tuple[float, Verified]:
    begin = time.perf_counter()
    verified = verify_packages(LiveLinux())
    return time.perf_counter() - begin, verified


def evict() -> None:
    os.sync()
    lists = Path("/var/lib/dpkg/info").glob("*.list")
    for name in (name for path in lists for name in path.read_bytes().split(b"\n")):
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    best = {"codered": 1e9, "dpkg --verify": 1e9}
    for _ in range(given.rounds):
        if given.cold:
            evict()
        seconds, verified = ask_codered()
        best["codered"] = min(best["codered"], seconds)
        if given.cold:
            evict()
        seconds, theirs = ask_dpkg()
        best["dpkg --verify"] = min(best["dpkg --verify"], seconds)
        ours = {(item.kind == "missing", item.path.text) for item in verified.deviations if item.path}
        if ours != theirs:
            sys.exit(f"not the same findings: {sorted(ours ^ theirs)[:20]}")
    print(f"{verified.packages} packages, {verified.files:,} files, {verified.bytes / 1e6:,.0f} MB")
    print(f"{len(theirs)} findings, the same of both")
    for what, seconds in best.items():
        print(f"{what:14}{seconds:9.2f} s{seconds / best['codered']:9.2f}")


if __name__ == "__main__":
    main()
