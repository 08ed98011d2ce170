"""What confining costs: a process that confines itself, and a scan of a tree with and without libseccomp's filter.

    .venv/bin/python -m benchmarks.confining [FOLDER]

Prints milliseconds of processor time, which a busy machine changes little: the median of `RUNS` children that confine
themselves, and of `SCANS` scans in turn with the filter and without it (capabilities are dropped in both).
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_shipped_packs, load_packs
from codered.scan import ScanRequest, scan
from codered.system import confining
from codered.system.confining import Rights, confine
from codered.targets import open_target

RUNS, SCANS = 40, 5
MISSING = "libnot-there.so.0"


def time_confining() -> float:
    """Milliseconds that a child takes for it."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        began = time.process_time()
        confine(Rights(processes=True), (theirs,))
        os.write(theirs, repr((time.process_time() - began) * 1e3).encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as file:
        said = file.read()
    os.waitpid(pid, 0)
    return float(said)


def time_scan(folder: Path, rules: RuleSet) -> float:
    """Milliseconds of one scan, its workers' too."""
    request = ScanRequest(places=(Place("all", (str(folder),)),))
    began = sum(os.times()[:4])
    scan(open_target(str(folder)), request, rules)
    return (sum(os.times()[:4]) - began) * 1e3


def tell(what: str, measure: Callable[[], float], runs: int) -> None:
    """One line: the median and the range."""
    times = sorted(measure() for _ in range(runs))
    print(f"{what}: {statistics.median(times):.2f} ms ({times[0]:.2f} to {times[-1]:.2f})")


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/perl").resolve()
    tell("confining a process", time_confining, RUNS)
    packs = load_packs(find_shipped_packs())
    rules = compile_packs(packs, Path(os.environ.get("CODERED_CACHE", "/var/cache/codered")))
    time_scan(folder, rules)
    with_filter, without = [], []
    library = confining.LIBRARY
    for _ in range(SCANS):
        confining.LIBRARY = library
        with_filter.append(time_scan(folder, rules))
        confining.LIBRARY = MISSING
        without.append(time_scan(folder, rules))
    confining.LIBRARY = library
    print(f"scan of {folder} with the filter: {statistics.median(with_filter):.0f} ms ({min(with_filter):.0f} at best)")
    print(f"scan of {folder} without it: {statistics.median(without):.0f} ms ({min(without):.0f} at best)")


if __name__ == "__main__":
    main()
