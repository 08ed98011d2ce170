"""Web logs, side by side in one run: our tally against `grep -c -E` and `cat`, on one core.

    .venv/bin/python benchmarks/logs.py [--megabytes N] [--rounds N]

Makes its own Apache (combined) and IIS (W3C) logs in a temporary folder: 0.1 % and 50 % attack lines of 10,000 hosts,
and the storm a second time with every request different and from anywhere, so that nothing can be remembered. Ours
runs in a process of its own, so that its peak memory is its own. All ways must agree on the hits.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "src"))

TAIL = (
    "%u9090%u6858%ucbd3%u7801%u9090%u6858%ucbd3%u7801%u9090%u9090%u8190%u00c3%u0003%u8b00%u531b%u53ff%u0078%u0000%u00=a"
)
ATTACKS = (
    ("/default.ida", "N" * 224 + TAIL),
    ("/default.ida", "X" * 224 + TAIL),
    ("/scripts/root.exe", "/c+dir"),
    ("/MSADC/root.exe", "/c+dir"),
    ("/c/winnt/system32/cmd.exe", "/c+dir"),
    ("/d/winnt/system32/cmd.exe", "/c+dir"),
    ("/scripts/..%255c../winnt/system32/cmd.exe", "/c+dir"),
    ("/_vti_bin/..%255c../..%255c../..%255c../winnt/system32/cmd.exe", "/c+dir"),
    ("/_mem_bin/..%255c../..%255c../..%255c../winnt/system32/cmd.exe", "/c+dir"),
    ("/scripts/..%c1%1c../winnt/system32/cmd.exe", "/c+dir"),
    ("/scripts/..%c0%af../winnt/system32/cmd.exe", "/c+dir"),
    ("/scripts/..%252f../winnt/system32/cmd.exe", "/c+dir"),
)
SIGNS = r"default\.ida\?N{200}|default\.ida\?X{200}|root\.exe|cmd\.exe"
SIGNS_W3C = SIGNS.replace(r"\?", "[? ]")
AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77"
REFERER = "http://www.example.net/articles/archive/index.html"  # benign lines are then as long as real ones: 237 bytes
ATTACKERS = 10_000
W3C_HEAD = (
    "#Software: Microsoft Internet Information Services 5.0\n#Version: 1.0\n#Date: 2001-07-19 00:00:00\n"
    "#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent) "
    "cs(Referer)\n"
)


def make_attacks(rng: random.Random, different: bool) -> Iterator[tuple[str, str, str]]:
    """Address, stem and query of one attack after the other. As in 2001: a Code Red host sends its one request, a Nimda
    host all of its list in a row."""
    number = 0
    while True:
        host = rng.getrandbits(32) if different else rng.randrange(ATTACKERS) * 104_729
        address = ".".join(str(byte) for byte in host.to_bytes(4, "big"))
        worm = rng.choice((ATTACKS[:1], ATTACKS[1:2], ATTACKS[2:]))
        for stem, query in worm:
            number += 1
            yield address, stem, f"{query}{number:x}" if different else query


def make_lines(kind: str, share: float, different: bool) -> Iterator[str]:
    rng = random.Random(2001)
    attacks = make_attacks(rng, different)
    clock = datetime(2001, 7, 19, tzinfo=UTC)
    if kind == "iis":
        yield W3C_HEAD
    while True:
        clock += timedelta(milliseconds=200)
        attack = rng.random() < share
        benign = (f"203.0.113.{rng.randrange(255)}", f"/articles/{rng.randrange(5000)}/index.html", "")
        address, stem, query = next(attacks) if attack else benign
        status, agent, referer = (404, "-", "-") if attack else (200, AGENT, REFERER)
        if kind == "iis":
            asked = f"GET {stem} {query or '-'} {status} {agent.replace(' ', '+')} {referer}"
            yield f"{clock:%Y-%m-%d %H:%M:%S} {address} - 198.51.100.7 80 {asked}\n"
        else:
            request = f"GET {stem}?{query} HTTP/1.0" if query else f"GET {stem} HTTP/1.1"
            size = 300 if attack else rng.randrange(100_000)
            yield f'{address} - - [{clock:%d/%b/%Y:%H:%M:%S} +0000] "{request}" {status} {size} "{referer}" "{agent}"\n'


def write_log(path: Path, kind: str, share: float, different: bool, size: int) -> None:
    with path.open("w") as out:
        written = 0
        for line in make_lines(kind, share, different):
            written += out.write(line)
            if written >= size:
                return


def tally_alone(path: str) -> None:
    """What a worker does, in this process; prints the figures."""
    from codered.collect.log_opening import open_log
    from codered.detect.log_tally import LogMatchers, tally_log
    from codered.packs.compiling import compile_packs
    from codered.packs.loading import find_packs_folder, load_packs

    matchers = LogMatchers(compile_packs(load_packs(find_packs_folder()), None))
    descriptor = os.open(path, os.O_RDONLY)
    size = os.fstat(descriptor).st_size
    wall, cpu = time.monotonic(), time.process_time()
    tally = tally_log(open_log(descriptor, path).chunks(), matchers, "log")
    seconds = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    figures = {"bytes": size, "hits": tally.hits, "left_out": tally.left_out, "lines": tally.lines}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**seconds, **figures, "peak": peak}))


def run_other(command: list[str]) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and output of a command that reads the file."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - wall, out.strip()


def compare(path: Path, kind: str, rounds: int) -> None:
    signs = SIGNS_W3C if kind == "iis" else SIGNS
    ours, greps, cats = [], [], []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, __file__, "--alone", str(path)], capture_output=True, text=True, check=True
        )
        ours.append(json.loads(done.stdout))
        greps.append(run_other(["env", "LC_ALL=C", "grep", "-a", "-i", "-c", "-E", signs, str(path)]))
        cats.append(run_other(["sh", "-c", f"cat '{path}' > /dev/null"]))
    best = min(ours, key=lambda run: run["cpu"])
    grep, cat = min(greps), min(cats)
    megabytes = best["bytes"] / 1e6
    agree = "agree" if str(best["hits"]) == grep[2] else f"DISAGREE: grep finds {grep[2]}"
    print(
        f"{path.name:<20} {megabytes / best['cpu']:5.0f} MB/s CPU {megabytes / best['wall']:5.0f} wall | "
        f"grep -E {megabytes / grep[0]:5.0f} (ours x{grep[0] / best['cpu']:.2f}) | "
        f"cat {megabytes / max(cat[1], 0.001):6.0f} | peak {best['peak']:.0f} MB | "
        f"{best['hits']} hits of {best['lines']} lines, {best['left_out']} beyond the table, {agree}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", metavar="LOG", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        tally_alone(given.alone)
        return
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("apache", "iis"):
            for share, different, name in ((0.001, False, "0.1%"), (0.5, False, "50%"), (0.5, True, "50%-different")):
                path = Path(folder) / f"{kind}-{name}"
                write_log(path, kind, share, different, given.megabytes << 20)
                compare(path, kind, given.rounds)
                path.unlink()


if __name__ == "__main__":
    main()
