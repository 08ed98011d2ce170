"""A flood of made-up sources: one SYN each, more of them than memory could hold. What it costs, and what is said.

    .venv/bin/python benchmarks/many_sources.py [--sources N]...

The capture is made below the temporary folder (70 bytes a source) and removed again. Each run is `codered scan
--capture`; told are seconds, CPU seconds, the largest memory, and what the report says was forgotten. Twice the sources
should take twice the time and the same memory.
"""

import argparse
import json
import os
import platform
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SYN = 2
RATE = 20_000  # a second
AT_ONCE = 10_000


def write_flood(path: Path, sources: int) -> None:
    """Every source is another address and reaches for one of 65,536 servers, once; none is answered."""
    ethernet = b"\x02" * 12 + b"\x08\x00"
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0)
    tcp = struct.pack(">HHIIBBHHH", 40_000, 80, 1, 0, 0x50, SYN, 8192, 0, 0)
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for begin in range(0, sources, AT_ONCE):
            packets = []
            for number in range(begin, min(begin + AT_ONCE, sources)):
                seconds, left = divmod(number, RATE)
                addresses = struct.pack(">II", 0x0B000000 + number * 7, 0xC6330000 + (number * 31 & 0xFFFF))
                head = struct.pack("<IIII", 1_000_000_000 + seconds, left * 1_000_000 // RATE, 54, 54)
                packets.append(head + ethernet + ip + addresses + tcp)
            out.write(b"".join(packets))


def run(path: Path) -> tuple[float, float, float, dict[str, object]]:
    """Seconds, CPU seconds, MB at most, and the traffic part of the report."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "codered", "scan", "--capture", str(path), "--json"]
    done = subprocess.run(words, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report = json.loads(done.stdout)
    return time.monotonic() - began, spent, after.ru_maxrss / 1024, report["traffic"]


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--sources", type=int, action="append", help="may be given several times")
    counts = words.parse_args().sources or [1_000_000, 2_500_000, 5_000_000, 10_000_000]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for sources in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "flood.pcap"
            write_flood(path, sources)
            seconds, spent, most, traffic = run(path)
        print(
            f"{sources:>11,} sources  {seconds:7.1f} s  {spent:7.1f} CPU s  {sources / spent / 1e3:6.0f} k a CPU s  "
            f"{most:5.0f} MB at most  {traffic['attempts']} attempts  {traffic.get('forgotten')}"
        )


if __name__ == "__main__":
    main()
