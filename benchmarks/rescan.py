"""Re-scan of an unchanged tree, beside a `find -printf` walk of it: seconds, and microseconds a file.

    .venv/bin/python benchmarks/rescan.py [--rounds N] [TREE]...

The default tree is /usr. Times are of whole commands; `less start` is the re-scan without the time that a scan of one
small file takes. Rounds are interleaved and the best of each is taken. Verdict and findings of first scan, re-scan and
--no-cache are compared. The cache and its key lie in a folder of their own. On a file system whose times are not
believed (tmpfs, overlay) nothing is left out, and that is said.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path

CODERED = os.environ.get("CODERED", str(Path(__file__).resolve().parent.parent / "codered"))


def run(command: list[str], environment: dict[str, str]) -> tuple[float, bytes]:
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begin, done.stdout


def facts(text: bytes) -> tuple[str, list[str], int, int]:
    """Verdict, findings, files read, files unchanged."""
    report = json.loads(text)
    looked = [look for look in report["looks"] if look["layer"] == "files" and look["state"] == "looked"]
    unchanged = sum(look.get("count", 0) for look in looked if look.get("why"))
    read = sum(look.get("count", 0) for look in looked if not look.get("why"))
    return report["verdict"], sorted(found["id"] for found in report.get("findings", [])), read, unchanged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("trees", nargs="*", metavar="TREE", default=["/usr"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        small = Path(name) / "small.txt"
        small.write_text("nothing\n")
        environment = {**os.environ, "CODERED_CACHE": f"{name}/cache", "CODERED_STATE": f"{name}/state"}
        scan = [CODERED, "scan", "--json"]
        run([*scan, str(small)], environment)  # the rules are compiled
        first, text = run([*scan, *given.trees], environment)
        before = facts(text)
        commands = {
            "start": [*scan, "--no-cache", str(small)],
            "re-scan": [*scan, *given.trees],
            "--no-cache": [*scan, "--no-cache", *given.trees],
            "find -printf": ["find", *given.trees, "-xdev", "-printf", r"%i %s %T@ %C@ %p\n"],
        }
        best: dict[str, float] = {}
        told: dict[str, bytes] = {}
        for _ in range(given.rounds):
            for what, command in commands.items():
                seconds, told[what] = run(command, environment)
                best[what] = min(best.get(what, 1e9), seconds)
        after, anew = facts(told["re-scan"]), facts(told["--no-cache"])
        kept = sum(path.stat().st_size for path in Path(name, "cache/seen").iterdir())
    files = after[2] + after[3]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{files:,} files, {after[3]:,} of them unchanged; best of {given.rounds}")
    print(f"same verdict and findings: {before[:2] == after[:2] == anew[:2]}")
    print(f"the cache has {kept / max(files, 1):.0f} bytes a file")
    print(f"\n{'':16}{'seconds':>9}{'us a file':>11}")
    less = best["re-scan"] - best["start"]
    for what, seconds in [("first scan", first), *best.items(), ("less start", less)]:
        print(f"{what:16}{seconds:9.2f}{seconds / max(files, 1) * 1e6:11.1f}")


if __name__ == "__main__":
    main()
