"""Baselines, side by side in one run: codered against AIDE (making one) and against a `find -printf` walk (comparing).

    .venv/bin/python benchmarks/baseline.py [--rounds N] [TREE]

The same tree and attributes: content (AIDE SHA-256, codered BLAKE3), type, mode, owner, group, ACL and extended
attributes. `find` prints name, size, mode, owner, inode and times of everything, and hashes nothing: it is what merely
looking costs. Rounds are interleaved and the best of each is taken; the page cache is warm. Everything is measured as a
whole command, from its start to its end.
"""

import argparse
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CODERED = os.environ.get("CODERED", str(REPOSITORY / "codered"))
WALK = "%p %s %m %U %G %i %T@ %C@\n"


def write_aide_config(folder: Path, tree: str) -> Path:
    config = folder / "aide.conf"
    text = f"database_out=file:{folder}/aide.db\ngzip_dbout=no\nreport_url=file:{folder}/aide.log\n"
    config.write_text(f"{text}All = ftype+p+l+u+g+s+acl+xattrs+sha256\n{tree} All\n")
    return config


def measure(command: list[str], environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 3):
        raise SystemExit(f"{command[0]} answered {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("tree", nargs="?", default="/usr", metavar="TREE")
    given = parser.parse_args()
    tree = os.path.realpath(given.tree)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "CODERED_STATE": f"{name}/state", "CODERED_CACHE": f"{name}/cache"}
        config, baseline = write_aide_config(folder, tree), f"{name}/tree.baseline"
        commands = {  # contents are kept only below /etc and the like, so nothing but hashing is compared
            "codered baseline create": [CODERED, "baseline", "create", "--place", tree, "-o", baseline],
            "aide --init": ["aide", "--init", f"--config={config}"],
            "codered baseline compare": [CODERED, "baseline", "compare", baseline],
            "find -printf": ["find", tree, "-printf", WALK],
        }
        best: dict[str, float] = {}
        for _ in range(given.rounds):
            Path(baseline).unlink(missing_ok=True)  # known good is never replaced
            for what, command in commands.items():
                best[what] = min(best.get(what, 1e9), measure(command, environment))
    count = subprocess.run(["find", tree, "-printf", "."], capture_output=True, check=False).stdout.count(b".")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{tree}: {count:,} entries, warm, best of {given.rounds}\n")
    for what, seconds in best.items():
        print(f"{what:26}{seconds:9.2f} s{seconds / count * 1e6:9.2f} µs an entry")
    print(f"\ncreate: {best['aide --init'] / best['codered baseline create']:.1f} x AIDE's speed")
    print(f"compare: {best['codered baseline compare'] / best['find -printf']:.2f} x the walk")


if __name__ == "__main__":
    main()
