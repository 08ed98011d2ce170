"""A day of the watch: memory, descriptors, threads, state, and every recurrence told once."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "packs/react2shell/examples/hit/host.tree.yaml"
MOST_MIB = 8.0
"""What the memory at rest may grow from the middle third of the hours to the last: the first third warms up, for the
judges read everything in it for the first time.
"""
MOST_STATE_KIB = 64.0
"""What the state folder may grow, without the watch's journal: that grows with what is told."""
SAMPLE = 1.0
ORDINARY = 20
"""Ordinary files that are written and taken away in each simulated hour."""
Row = tuple[str, str, str, bool]
_FASTER = """
import json, sys
from pathlib import Path
scale, counts = float(sys.argv[1]), [0, 0, 0]
from codered.monitor import watching
watching.TICK /= scale
watching.BEAT /= scale
for place, name in enumerate(("_tick", "_beat", "_look_everywhere")):
    def counted(self, *given, real=getattr(watching.Watch, name), place=place, **named):
        counts[place] += 1
        return real(self, *given, **named)
    setattr(watching.Watch, name, counted)
import atexit
atexit.register(lambda: Path("rounds.json").write_text(json.dumps(counts)))
sys.argv = ["codered", *sys.argv[2:]]
from codered.cli import main
main()
"""


class Sample(NamedTuple):
    """One look at the watch and its judges; `at` in seconds, sizes in KiB. `memory` in MiB: of what is theirs (the
    PSS of anonymous pages: that of libraries grows when others end who use them), `each` the same of each process.
    """

    at: float
    memory: float
    descriptors: int
    threads: int
    processes: int
    journal: float
    rest: float
    each: tuple[float, ...]


def soak_monitor(hours: float, scale: float) -> list[Row]:
    """Watch for so many hours, shortened; the rows of the table, printed as well."""
    from codered.packs.examples import write_tree

    with tempfile.TemporaryDirectory(prefix="soak-") as base:
        folder = Path(base)
        for name in ("web", "scratch"):
            (folder / name).mkdir()
        write_tree(EXAMPLE, folder / "scratch")
        seconds = hours * 3600 / scale
        words = ["monitor", "web", "--only", "--for", f"{seconds:.0f}s", "--every", f"{3600 / scale:.0f}s"]
        environment = os.environ | {
            "CODERED_STATE": f"{base}/state", "CODERED_CACHE": f"{base}/cache", "PYTHONPATH": f"{ROOT / 'src'}",
        }  # fmt: skip
        apart = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        python = [sys.executable, "-c", _FASTER, str(scale)]
        with subprocess.Popen(
            [*apart, *python, *words, "--name", "soak", "--jsonl", "alerts.jsonl"], cwd=base, env=environment,
            stdout=subprocess.DEVNULL, stderr=(folder / "said").open("wb"),
        ) as watch:  # fmt: skip
            planted, samples = _live_through(watch, folder, seconds, int(hours))
        return _judge(folder, planted, samples, watch.returncode)


def _live_through(
    watch: "subprocess.Popen[bytes]", folder: Path, seconds: float, hours: int
) -> tuple[list[str], list[Sample]]:
    """What happens on the host meanwhile: each hour something comes back, and ordinary work."""
    state = folder / "state/monitors/soak/state.json"
    while not (state.exists() and json.loads(state.read_bytes()).get("settled")):
        if watch.poll() is not None:
            raise SystemExit((folder / "said").read_text())
        time.sleep(0.2)
    began, planted, samples = time.monotonic(), list[str](), list[Sample]()
    hour = seconds / hours
    while watch.poll() is None:
        at = time.monotonic() - began
        if len(planted) < hours - 1 and at >= (len(planted) + 0.5) * hour:
            planted.append(f"came-back-{len(planted):04}")
            shutil.copy(folder / "scratch/opt/nss-tool", folder / "web" / planted[-1])
            for number in range(ORDINARY):
                (folder / f"web/page-{number}.html").write_text(f"<p>{len(planted)}</p>\n" * 50)
        elif planted and at >= (len(planted) + 0.4) * hour:
            (folder / "web" / planted[-1]).unlink(missing_ok=True)
        if (sample := _take(watch.pid, folder, at)) is not None:
            samples.append(sample)
        time.sleep(SAMPLE)
    return planted, samples


def _take(top: int, folder: Path, at: float) -> Sample | None:
    try:
        family = [*_list_below(top)]
        memory = tuple(_read_pss(pid) / 1024 for pid in family)
        descriptors = sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in family)
        threads = sum(len(os.listdir(f"/proc/{pid}/task")) for pid in family)
    except OSError:
        return None  # it has just ended, or a process of it has
    sizes = {path.name: path.stat().st_size / 1024 for path in (folder / "state").rglob("*") if path.is_file()}
    journal = sizes.pop("events.jsonl", 0.0)
    return Sample(at, sum(memory), descriptors, threads, len(family), journal, sum(sizes.values()), memory)


def _list_below(pid: int) -> list[int]:
    children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(below for child in children for below in _list_below(child))]


def _read_pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


def fit_growth(samples: list[Sample], field: str) -> float:
    """By how much the field grows from a quarter of the time to its end: a straight line through the samples."""
    points = [(sample.at, float(getattr(sample, field))) for sample in samples[len(samples) // 4 :]]
    middle = sum(at for at, _ in points) / len(points), sum(value for _, value in points) / len(points)
    spread = sum((at - middle[0]) ** 2 for at, _ in points)
    slope = sum((at - middle[0]) * (value - middle[1]) for at, value in points) / (spread or 1.0)
    return slope * (points[-1][0] - points[0][0])


def compare_lowest(samples: list[Sample], field: str, hours: int) -> float:
    """By how much the field at rest (its lowest value in an hour) is higher in the last third of the hours than in the
    middle one, by their medians: what is open or held while a judge works does not count.
    """
    hour = samples[-1].at / hours
    lowest = [
        min(float(getattr(each, field)) for each in samples if int(each.at / hour) == number)
        for number in range(hours) if any(int(each.at / hour) == number for each in samples)
    ]  # fmt: skip
    third = len(lowest) // 3
    print(f"<!-- {field} at rest, hour by hour: {', '.join(f'{value:.0f}' for value in lowest)} -->")
    return statistics.median(lowest[-third:]) - statistics.median(lowest[third : 2 * third])


def _judge(folder: Path, planted: list[str], samples: list[Sample], code: int) -> list[Row]:
    alerts = [json.loads(line) for line in (folder / "alerts.jsonl").read_text().splitlines()]
    told = [sum(name in json.dumps(alert) for alert in alerts) for name in planted]
    ticks, beats, looks = json.loads((folder / "rounds.json").read_text())
    for quarter in range(4):
        sample = samples[(quarter + 1) * len(samples) // 4 - 1]
        memory = ", ".join(f"{one:.1f}" for one in sample.each)
        print(f"<!-- after {sample.at:.0f} s: {memory} MiB, {sample.descriptors} descriptors -->")
    last, rest, hours = samples[-1], fit_growth(samples, "rest"), len(planted) + 1
    grown = {field: compare_lowest(samples, field, hours) for field in ("memory", "descriptors", "threads")}
    print(f"<!-- told: {dict(Counter(alert['kind'] for alert in alerts))} -->")
    if odd := {name: count for name, count in zip(planted, told, strict=True) if count != 1}:
        print(f"<!-- not told once: {odd} -->")
    left = sorted(path.name for path in (folder / "state/monitors/soak").iterdir())
    rows: list[Row] = [
        ("rounds: ticks, signs of life, whole looks", f"{ticks:,}, {beats:,}, {looks:,}", "", True),
        ("memory of all its processes at rest", f"{last.memory:.0f} MiB, {grown['memory']:+.1f} MiB",
         f"{MOST_MIB:.0f} MiB", grown["memory"] <= MOST_MIB),
        ("descriptors at rest", f"{last.descriptors}, {grown['descriptors']:+.0f}", "1", grown["descriptors"] <= 1),
        ("threads at rest", f"{last.threads} in {last.processes} processes, {grown['threads']:+.0f}", "1",
         grown["threads"] <= 1),
        ("state folder without the journal", f"{last.rest:.0f} KiB, growth {rest:+.1f} KiB",
         f"{MOST_STATE_KIB:.0f} KiB", rest <= MOST_STATE_KIB),
        ("journal", f"{last.journal:.0f} KiB for {len(alerts)} alerts", "", True),
        ("planted recurrences told once", f"{told.count(1)} of {len(planted)}", "all", set(told) == {1}),
        ("answer at the end, files kept", f"{code}, {', '.join(left)}", "1", code == 1),
    ]  # fmt: skip
    show_rows(rows)
    return rows


def show_rows(rows: list[Row]) -> None:
    """Print them as lines of the table."""
    for what, seen, limit, kept in rows:
        print(f"| {what} | {seen} | {limit} | {'yes' if kept else 'NO'} |", flush=True)
