"""Mutation testing of the rooms where a mistake costs most; `scripts/mutate` runs it in its environment.

Each worker has a copy of what git knows of this checkout, changes one place of one file there, and runs that file's own
tests and those that guard it. A change that no test notices survives. Nothing outside the copies is written.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-not-found]
from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found]
from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "journal": [f"src/codered/remediate/{name}.py" for name in ("journal", "vault", "applying")],
    "gate": ["src/codered_hq/gate/*.py", "src/codered_hq/rules/judging.py"],
    "detector": ["src/codered/detect/scanning/*.py"],
}
GUARDS = {"gate": ("tests/headquarters/gate/test_asking.py",), "detector": (), "journal": ()}
LEFT_OUT = ("VariableReplacer", "VariableInserter", "BitOr")
"""The first two want to be told what to change; `|` stands in types above all."""
SECONDS = 240.0  # that the tests of one change may take
WORKERS = 2


class Mutant(NamedTuple):
    """One change: the file (from the root), the operator, which of its places, and its line."""

    file: str
    operator: str
    occurrence: int
    line: int


def main() -> int:
    """Run the rooms that were asked for; 0 whatever survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"{', '.join(ROOMS)}; default: all")
    parser.add_argument("--sample", type=int, default=150, help="changes a room; 0 = all")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    if unknown := [room for room in given.rooms if room not in ROOMS]:
        print(f"mutate: no room {unknown[0]!a} — {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            copies.put(_copy(Path(folder) / str(number)))
        for room in given.rooms or ROOMS:
            _run_room(room, _choose(room, given.sample, given.seed), copies, given.seed)
    return 0


def _copy(into: Path) -> Path:
    """What git knows of the checkout, as it stands now."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S607
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name, follow_symlinks=False)
    return into


def _choose(room: str, sample: int, seed: int) -> list[Mutant]:
    files = sorted({str(path.relative_to(ROOT)) for pattern in ROOMS[room] for path in ROOT.glob(pattern)})
    found = [mutant for file in files for mutant in find_mutants(file)]
    chosen = random.Random(seed).sample(found, min(sample or len(found), len(found)))  # noqa: S311
    print(f"\n{room}: {len(chosen)} of {len(found)} changes in {len(files)} files", flush=True)
    return chosen


def find_mutants(file: str) -> Iterator[Mutant]:
    """Every change of a file that the operators know."""
    nodes = list(ast_nodes(get_ast((ROOT / file).read_text())))
    for name in sorted(operator_names()):
        if any(word in name for word in LEFT_OUT):
            continue
        operator, occurrence = get_operator(name)(), 0
        for node in nodes:
            for (line, _column), _end in operator.mutation_positions(node):
                yield Mutant(file, name, occurrence, line)
                occurrence += 1


def _run_room(room: str, mutants: list[Mutant], copies: "SimpleQueue[Path]", seed: int) -> None:
    def work(mutant: Mutant) -> str:
        copy = copies.get()
        try:
            return _try(copy, room, mutant)
        finally:
            copies.put(copy)

    def check(file: str) -> str:
        copy = copies.get()
        try:
            return "" if _run_tests(copy, room, file) == "SURVIVED" else file
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(WORKERS) as pool:
        if failing := list(filter(None, pool.map(check, sorted({mutant.file for mutant in mutants})))):
            raise SystemExit(f"mutate: the tests fail without a change: {', '.join(failing)}")
        outcomes = []
        for mutant, outcome in zip(mutants, pool.map(work, mutants), strict=True):
            outcomes.append(outcome)
            if outcome != "killed":
                text = (ROOT / mutant.file).read_text().splitlines()[mutant.line - 1].strip()
                place = f"{mutant.file}:{mutant.line} {mutant.operator} #{mutant.occurrence}"
                print(f"  {outcome}: {place}: {text}", flush=True)
    counts = Counter(outcomes)
    killed = counts["killed"] + counts["too long"]
    print(f"{room}: {killed / max(1, len(mutants)):.0%} of {len(mutants)} noticed, seed {seed}: {dict(counts)}")


def _try(copy: Path, room: str, mutant: Mutant) -> str:
    place = copy / mutant.file
    before = (ROOT / mutant.file).read_text()
    changed = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
    if changed is None or changed == before:
        return "no change"
    place.write_text(changed)
    try:
        return _run_tests(copy, room, mutant.file)
    finally:
        place.write_text(before)


def _run_tests(copy: Path, room: str, file: str) -> str:
    source = Path(file)
    if source.parts[1] == "codered_hq":
        own = Path("tests/headquarters", *source.parts[2:-1], f"test_{source.name}")
    else:
        own = Path("tests/unit", *source.parts[2:-1], f"test_{source.name}")
    tests = [name for name in dict.fromkeys((str(own), *GUARDS[room])) if (copy / name).exists()]
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:randomly", *tests]
    environment = os.environ | {"PYTHONPATH": f"{copy / 'src'}:{copy}", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "pytest", *words], cwd=copy, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            return "killed" if process.wait(SECONDS) else "SURVIVED"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "too long"


if __name__ == "__main__":
    sys.exit(main())
