"""How long the machine needs for docs/authoring.md: each of its commands, typed as it stands, on inert samples.

    .venv/bin/python benchmarks/walkthrough.py

The author's own part is timed: from samples to a published pack, the index of installed packages included.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.fixtures.guides import read_commands  # noqa: E402
from tests.journeys.test_new_worm import LINE, write_sample  # noqa: E402


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as work:
        desk = Path(work)
        for number in range(3):
            write_sample(desk / f"samples/s{number}.bin", number)
            write_sample(desk / f"clean/c{number}.bin", 100 + number, (b"hello to the fleet\0",))
        (desk / "worm.log").write_text(LINE.format(404, "inkwell/1.0"))
        environment = os.environ | {
            "PYTHONPATH": str(ROOT / "src"),
            "CODERED_STATE": f"{work}/state",
            "CODERED_CACHE": f"{work}/cache",
        }
        total = 0.0
        for words in read_commands("authoring.md"):
            if words[:2] in (("packs", "sources"), ("packs", "update")) or len(words) == 1:
                continue  # for the other machines
            started = time.perf_counter()
            command = [sys.executable, "-m", "codered", *words]
            done = subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - started
            total += seconds
            if done.returncode not in (0, 1):
                sys.exit(f"{' '.join(words)}: {done.stderr}")
            print(f"{seconds:6.1f} s  codered {' '.join(words)}")
        print(f"{total:6.1f} s  in all")


if __name__ == "__main__":
    main()
