"""What the generic packs cost: a scan with the Code Red packs alone, with the web-shell pack, and with all packs.

    .venv/bin/python benchmarks/generic.py [--rounds N] TREE...

The runs are interleaved in one go on a warm tree, the best of each is taken, and ratios to the first are printed. Make
a tree of about 1 GB of goodware first; nothing in it is run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CODE_RED = ("codered", "codered2")
GENERIC = (
    "webshell",
    "proxyshell",
    "chinachopper",
    "log4shell-spreader",
    "phpunit-androxgh0st",
    "thinkphp",
    "miner-dropper",
    "web-defacement",
)
SETS = {
    "Code Red packs": CODE_RED,
    "and web shells": (*CODE_RED, "webshell"),
    "and all generic packs": (*CODE_RED, *GENERIC),
    "all packs and heuristics": (),
}


def measure(packs: tuple[str, ...], trees: list[str], environment: dict[str, str]) -> tuple[float, int, int]:
    """Seconds, bytes read and findings of one scan."""
    named = [word for pack in packs for word in ("--packs", pack)]
    started = time.perf_counter()
    command = [sys.executable, "-m", "codered", "scan", *trees, "--json", "--no-cache", *named]
    answer = subprocess.run(command, capture_output=True, cwd=REPOSITORY, env=environment, check=False)
    seconds = time.perf_counter() - started
    if answer.returncode not in (0, 1, 3):
        sys.exit(answer.stderr.decode())
    report = json.loads(answer.stdout)
    return seconds, sum(look.get("bytes", 0) for look in report["looks"]), len(report.get("findings", ()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", metavar="TREE")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    best: dict[str, tuple[float, int, int]] = {}
    with tempfile.TemporaryDirectory() as work:
        environment = os.environ | {
            "PYTHONPATH": str(REPOSITORY / "src"),
            "CODERED_STATE": f"{work}/state",
            "CODERED_CACHE": f"{work}/cache",
        }
        for number in range(given.rounds + 1):  # the first compiles the rules and warms the tree
            for name, packs in SETS.items():
                measured = measure(packs, given.trees, environment)
                if number and (name not in best or measured[0] < best[name][0]):
                    best[name] = measured
    base = best["Code Red packs"][0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("| packs | seconds | x of the first | MB | findings |\n| - | - | - | - | - |")
    for name, (seconds, size, findings) in best.items():
        print(f"| {name} | {seconds:.2f} | {seconds / base:.2f} | {size / 1e6:.0f} | {findings} |")


if __name__ == "__main__":
    main()
