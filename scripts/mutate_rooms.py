"""Mutation testing of the rooms where a mistake costs most; `scripts/mutate` runs it in its environment.

Each worker has a copy of what git knows of this checkout, changes one place of one file there, and runs that file's own
tests and those that guard it, on SQLite alone. A change that no test notices survives. Nothing outside the copies is
written.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
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
SECONDS = 240.0  # that the tests of a file may take without a change
LEAST_SECONDS, TIMES_LONGER = 20.0, 6.0  # with a change: so long at least, and so many times as long as without
WORKERS = 2


class Mutant(NamedTuple):
    """One change: the file (from the root), the operator, which of its places, its line and what stands there."""

    file: str
    operator: str
    occurrence: int
    line: int
    text: str


def main() -> int:
    """Run the rooms that were asked for; 0 whatever survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"{', '.join(ROOMS)}; default: all")
    parser.add_argument("--sample", type=int, default=150, help="changes a room; 0 = all")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after these a room begins no change more")
    given = parser.parse_args()
    if unknown := [room for room in given.rooms if room not in ROOMS]:
        print(f"mutate: no room {unknown[0]!a} — {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        bases = [_copy(Path(folder) / str(number)) for number in range(WORKERS)]
        for base in bases:
            copies.put(base)
        for room in given.rooms or ROOMS:
            _run_room(room, _choose(bases[0], room, given.sample, given.seed), copies, given.minutes * 60)
            print(f"(seed {given.seed})", flush=True)
    return 0


def _copy(into: Path) -> Path:
    """What git knows of the checkout, as it stands now."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S607
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name, follow_symlinks=False)
    return into


def _choose(base: Path, room: str, sample: int, seed: int) -> list[Mutant]:
    files = sorted({str(path.relative_to(base)) for pattern in ROOMS[room] for path in base.glob(pattern)})
    found = [mutant for file in files for mutant in find_mutants(base, file)]
    chosen = random.Random(seed).sample(found, min(sample or len(found), len(found)))  # noqa: S311
    print(f"\n{room}: {len(chosen)} of {len(found)} changes in {len(files)} files", flush=True)
    return chosen


def find_mutants(base: Path, file: str) -> Iterator[Mutant]:
    """Every change of a file below `base` that the operators know."""
    source = (base / file).read_text()
    nodes, lines = list(ast_nodes(get_ast(source))), source.splitlines()
    for name in sorted(operator_names()):
        if any(word in name for word in LEFT_OUT):
            continue
        operator, occurrence = get_operator(name)(), 0
        for node in nodes:
            for (line, _column), _end in operator.mutation_positions(node):
                yield Mutant(file, name, occurrence, line, lines[line - 1].strip())
                occurrence += 1


def _run_room(room: str, mutants: list[Mutant], copies: "SimpleQueue[Path]", seconds: float) -> None:
    times: dict[str, float | None] = {}
    turns = {mutant.file: Lock() for mutant in mutants}
    until, outcomes = time.monotonic() + seconds, list[str]()

    def work(mutant: Mutant) -> str:
        if time.monotonic() >= until:
            return ""
        with turns[mutant.file]:
            if mutant.file not in times:
                times[mutant.file] = _time_tests(copies, room, mutant.file)
        taken = times[mutant.file]
        if taken is None:
            return "fails without it"
        return _try(copies, room, mutant, max(LEAST_SECONDS, TIMES_LONGER * taken))

    with ThreadPoolExecutor(WORKERS) as pool:
        for mutant, outcome in zip(mutants, pool.map(work, mutants), strict=True):
            outcomes += [outcome] if outcome not in ("", "fails without it", "no change") else []
            if outcome not in ("", "killed"):
                place = f"{mutant.file}:{mutant.line} {mutant.operator} #{mutant.occurrence}"
                print(f"  {outcome}: {place}: {mutant.text}", flush=True)
    counts = Counter(outcomes)
    killed = counts["killed"] + counts["too long"]
    print(f"{room}: {killed / max(1, len(outcomes)):.0%} of {len(outcomes)} noticed: {dict(counts)}", end=" ")


def _time_tests(copies: "SimpleQueue[Path]", room: str, file: str) -> float | None:
    """Seconds that the tests take without a change; None if they fail."""
    copy, began = copies.get(), time.monotonic()
    try:
        return time.monotonic() - began if _run_tests(copy, room, file, SECONDS) == "SURVIVED" else None
    finally:
        copies.put(copy)


def _try(copies: "SimpleQueue[Path]", room: str, mutant: Mutant, seconds: float) -> str:
    copy = copies.get()
    before = (copy / mutant.file).read_text()
    try:
        changed = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
        if changed is None or changed == before:
            return "no change"
        (copy / mutant.file).write_text(changed)
        return _run_tests(copy, room, mutant.file, seconds)
    finally:
        (copy / mutant.file).write_text(before)
        copies.put(copy)


def _run_tests(copy: Path, room: str, file: str, seconds: float) -> str:
    source = Path(file)
    if source.parts[1] == "codered_hq":
        own = Path("tests/headquarters", *source.parts[2:-1], f"test_{source.name}")
    else:
        own = Path("tests/unit", *source.parts[2:-1], f"test_{source.name}")
    tests = [name for name in dict.fromkeys((str(own), *GUARDS[room])) if (copy / name).exists()]
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:randomly", "-k", "not postgresql"]
    environment = os.environ | {"PYTHONPATH": f"{copy / 'src'}:{copy}", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "pytest", *words, *tests], cwd=copy, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            return "killed" if process.wait(seconds) else "SURVIVED"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "too long"


if __name__ == "__main__":
    sys.exit(main())
