"""Disk scan, side by side in one run: codered, yara -p1/-p2/-p8, yara-python, clamscan, Loki, cat.

    .venv/bin/python benchmarks/disk.py [--web] [--cold] [--rounds N] [--loki LOKI.PY] TREE...

Same rules for all: the packs' rules.yar for the yara engines, the literals of the same rules as an .ndb for clamscan.
Rounds are interleaved and the best of each is taken. --cold evicts every file from the page cache before each run.
--web also runs clamscan and Loki, which take minutes on a large tree. Prints seconds, ratios, and our peak memory.
Also compares the files that `yara` and `codered` find in the packs' own hit examples.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CODERED = [os.environ.get("CODERED", str(REPOSITORY / "codered")), "scan", "--json"]


def write_rules(folder: Path) -> tuple[Path, Path]:
    """All packs' rules in one file, and a ClamAV database with their plain literals."""
    text = "\n".join(path.read_text() for path in sorted((REPOSITORY / "packs").glob("*/rules.yar")))
    rules = folder / "all.yar"
    rules.write_text(text)
    literals = dict.fromkeys(re.findall(r'^\s*\$\w+\s*=\s*"((?:[^"\\]|\\.){6,})"', text, re.MULTILINE))
    lines = []
    for number, literal in enumerate(literals):
        data = literal.encode().decode("unicode_escape").encode("latin-1")
        lines.append(f"CodeRed.Bench.{number}:0:*:{data.hex()}")
    database = folder / "bench.ndb"
    database.write_text("\n".join(lines) + "\n")
    return rules, database


def list_files(trees: list[str]) -> list[bytes]:
    out = subprocess.run(["find", *trees, "-xdev", "-type", "f", "-print0"], capture_output=True, check=False).stdout
    return out.split(b"\0")[:-1]


def evict(files: list[bytes]) -> None:
    os.sync()
    for path in files:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            continue
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def commands(trees: list[str], rules: Path, database: Path, given: argparse.Namespace) -> dict[str, list[str]]:
    quoted = " ".join(f"'{tree}'" for tree in trees)
    several = len(trees) > 1
    chosen = {
        "codered": [*CODERED, *trees],
        "cat": ["sh", "-c", f"find {quoted} -xdev -type f -print0 | xargs -0 cat > /dev/null"],
    }
    for threads in (1, 2, 8):
        call = f"yara -r -w -N -p {threads} {rules}"
        chosen[f"yara -p{threads}"] = [
            "sh",
            "-c",
            " ; ".join(f"{call} '{tree}'" for tree in trees) if several else f"{call} {quoted}",
        ]
    chosen["yara-python"] = [sys.executable, __file__, "--only-yara-python", str(rules), *trees]
    if given.web:
        limits = ["--max-filesize=2000M", "--max-scansize=2000M", "--infected", "--no-summary"]
        chosen["clamscan"] = ["clamscan", "-r", *limits, "-d", str(database), *trees]
        if given.loki:
            call = f"{sys.executable} {given.loki} --noprocscan --dontwait --intense -p"
            chosen["Loki"] = ["sh", "-c", " ; ".join(f"{call} '{tree}'" for tree in trees)]
    return chosen


def run_yara_python(rules: str, trees: list[str]) -> None:
    import yara

    compiled = yara.compile(rules)
    for path in list_files(trees):
        try:
            compiled.match(os.fsdecode(path))
        except yara.Error:
            continue


def measure(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    rules, database = write_rules(folder)
    files = list_files(given.trees)
    size = sum(os.lstat(path).st_size for path in files if os.path.lexists(path))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{len(files):,} files, {size / 1e6:,.0f} MB, {'cold' if given.cold else 'warm'}, best of {given.rounds}")
    chosen = commands(given.trees, rules, database, given)
    subprocess.run(chosen["codered"], capture_output=True, check=False)  # set-up and rule cache are not the subject
    best: dict[str, float] = {}
    for _ in range(given.rounds):
        for name, command in chosen.items():
            if given.cold:
                evict(files)
            begin = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            best[name] = min(best.get(name, 1e9), time.perf_counter() - begin)
    return best


def compare_findings(folder: Path) -> None:
    """Same rules, same files: what yara finds in the hit examples, and what codered's content rules find. Rules that
    only back a place (a start script, a mail by its name) are left out: yara knows no places.
    """
    sys.path.insert(0, str(REPOSITORY / "src"))
    from codered.packs.examples import list_examples, write_tree
    from codered.packs.loading import find_packs_folder, load_packs

    packs = load_packs(find_packs_folder())
    corpus = folder / "corpus"
    for loaded in packs:
        for example in list_examples(loaded):
            if example.form == "tree" and example.kind == "hit":
                into = corpus / loaded.pack.name / Path(example.name).name
                into.mkdir(parents=True)
                write_tree(example.path, into)
    rules = {item.rule for loaded in packs for item in loaded.pack.content if "files" in item.where}
    out = subprocess.run(
        ["yara", "-r", "-w", "-N", str(folder / "all.yar"), str(corpus)], capture_output=True, text=True, check=True
    )
    by_yara = {tuple(line.split(" ", 1)) for line in out.stdout.splitlines()}
    by_yara = {pair for pair in by_yara if pair[0] in rules}
    report = json.loads(subprocess.run([*CODERED, str(corpus)], capture_output=True, check=False).stdout)
    by_us = {
        (proof["what"].rpartition(" ")[2], finding["subject"]["path"])
        for finding in report["findings"]
        for proof in finding.get("evidence", [])
        if proof["what"].rpartition(" of rule ")[2] in rules
    }
    print(f"hit corpus: yara {len(by_yara)} (rule, file) pairs, codered {len(by_us)}, identical: {by_yara == by_us}")
    for pair in sorted(by_yara ^ by_us):
        print("  only", "yara" if pair in by_yara else "codered", *pair)


def main() -> None:
    if sys.argv[1:2] == ["--only-yara-python"]:
        run_yara_python(sys.argv[2], sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--web", action="store_true")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loki")
    parser.add_argument("trees", nargs="+", metavar="TREE")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        best = measure(given, Path(name))
        print(f"\n{'':14}{'seconds':>9}{'x of codered':>14}")
        for what, seconds in sorted(best.items(), key=lambda item: item[1]):
            print(f"{what:14}{seconds:9.2f}{seconds / best['codered']:14.2f}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"largest single process of all commands: {peak:,.0f} MB resident")
        compare_findings(Path(name))


if __name__ == "__main__":
    main()
