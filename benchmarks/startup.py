"""Start-up: `--version`, `--help`, and the time from the command to the first byte scanned.

    .venv/bin/python benchmarks/startup.py

Best of ten, in milliseconds, beside a bare python3 of the same environment. First byte scanned = a whole scan of one
small file, which is more than the time to its first byte.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

CODERED = str(Path(__file__).resolve().parent.parent / "codered")


def best(command: list[str]) -> float:
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "one.txt"
        file.write_text("nothing\n")
        print(f"bare python          {best([sys.executable, '-I', '-c', 'pass']):7.0f} ms")
        print(f"codered --version    {best([CODERED, '--version']):7.0f} ms")
        print(f"codered --help       {best([CODERED, '--help']):7.0f} ms")
        print(f"codered scan 1 file  {best([CODERED, 'scan', str(file)]):7.0f} ms")


if __name__ == "__main__":
    main()
