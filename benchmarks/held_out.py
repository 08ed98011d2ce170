"""How often honest programs that nobody tuned on are blamed, and how soon worms are: a confusion table.

    .venv/bin/python benchmarks/held_out.py [--only WORD] [--share SHARE] [--why] [--jitter SEED]

Simulated: the events go straight into the detector, in the time of the events. `--share` shortens each honest host's
hours, `--why` prints what led to each verdict that would contain: host, time, and the numbers at the gates. The gates
were tuned on the programs as they stand here; `--jitter` gives each host other parameters, each up to a factor of two
away: a seed that nobody looked at before is held out again.
"""

import argparse
import heapq
import inspect
import platform
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.held_out_models import BENIGN, HELD_OUT_WORMS, INFECTED, HeldOut  # noqa: E402 - after the path to it
from benchmarks.held_out_world import JitteredDice, Model, tell, vary, vary_share  # noqa: E402
from benchmarks.traffic_models import make_events  # noqa: E402
from codered.detect.scanning.detector import ScanDetector  # noqa: E402
from codered.detect.scanning.thresholds import load_thresholds  # noqa: E402
from codered.model.finding import CONFIDENCES  # noqa: E402
from codered.model.traffic import Attempt, JudgedTraffic, Reply, ScanVerdict  # noqa: E402

WORM_SEEDS, INFECTED_SEEDS = 40, 8
WORM_COMES = 600.0  # seconds after the honest program began
CONTEXT = 30.0  # seconds of the program's life before a verdict that are looked at


class Told(NamedTuple):
    """A verdict, and the program's life until then."""

    seed: int
    verdict: ScanVerdict
    numbers: str


class Trial(NamedTuple):
    """What became of one honest host."""

    attempts: int
    told: tuple[Told, ...]

    def worst(self) -> str:
        """The surest that was said, "" = nothing."""
        said = {one.verdict.confidence for one in self.told}
        return next((confidence for confidence in CONFIDENCES if confidence in said), "")


class Life:
    """What a program did on each port: for the words beside a verdict."""

    def __init__(self) -> None:
        self.outcomes: dict[int, dict[bytes, str]] = {}
        self.times: dict[int, list[float]] = {}
        self.attempts = 0

    def take(self, event: JudgedTraffic) -> None:
        """One event, before the detector has it."""
        if isinstance(event, Attempt):
            self.attempts += 1
            self.outcomes.setdefault(event.port, {}).setdefault(event.destination, "")
            self.times.setdefault(event.port, []).append(event.at)
        elif isinstance(event, Reply):
            self.outcomes[event.port][event.destination] = event.outcome

    def show(self, verdict: ScanVerdict) -> str:
        """The numbers of the port that the verdict is about."""
        outcomes, times = self.outcomes[verdict.port], self.times[verdict.port]
        counted = Counter(outcomes.values())
        recent = sum(at > verdict.at - CONTEXT for at in times)
        wide = len({one[:2] for one in outcomes})
        return (
            f"port {verdict.port}: {len(outcomes)} destinations in {wide} /16, {dict(counted)}, {len(times)} attempts "
            f"({len(times) / len(outcomes):.1f} each), {recent / CONTEXT:.1f}/s lately"
        )


def configure(model: Model, dice: random.Random) -> Model:
    """The program with this host's parameters: its shares, its rate and how many tabs it has."""
    changed: dict[str, float] = {}
    for name, one in inspect.signature(model).parameters.items():
        if name in ("dead", "down", "alive"):
            changed[name] = vary_share(dice, name, one.default)
        elif name == "rate":
            changed[name] = vary(dice, name, one.default)
        elif name == "tabs":
            changed[name] = round(vary(dice, name, one.default))
    return partial(model, **changed)


def try_host(one: HeldOut, seed: int, share: float = 1.0, jitter: int | None = None) -> Trial:
    """Run one honest host through a detector of its own; `jitter` is the seed of its parameters."""
    dice = random.Random(seed) if jitter is None else JitteredDice(seed, jitter)
    detector, life, told = ScanDetector(load_thresholds()), Life(), list[Told]()
    end = 3600 * one.hours * share
    for event in tell(configure(one.model, dice)(dice, end), one.source):
        life.take(event)
        detector.take(event)
        told += [Told(seed, verdict, life.show(verdict)) for verdict in detector.verdicts()]
    detector.advance(end + 60)
    told += [Told(seed, verdict, life.show(verdict)) for verdict in detector.verdicts()]
    return Trial(life.attempts, tuple(told))


def try_worm(name: str, seed: int) -> tuple[int, float] | None:
    """Attempts and seconds until it is confirmed; None = it wasn't."""
    worm, seconds = HELD_OUT_WORMS[name]
    return _count(ScanDetector(load_thresholds()), make_events(worm.run(random.Random(seed), seconds)), 0.0)


def try_infected(name: str, seed: int) -> tuple[int, float] | None:
    """As `try_worm`; counted from when the worm came, both programs' attempts."""
    program, worm = INFECTED[name]
    detector = ScanDetector(load_thresholds())
    honest = tell(program(random.Random(seed), WORM_COMES + 120))
    for event in honest:
        detector.take(event)
        if event.at >= WORM_COMES:
            break
    if any(verdict.confidence == "confirmed" for verdict in detector.verdicts()):
        return 0, 0.0  # before there was a worm
    tries = worm.run(random.Random(seed + 1), 120.0)
    events = make_events(one._replace(at=one.at + WORM_COMES) for one in tries)
    return _count(detector, heapq.merge(honest, events, key=attrgetter("at")), WORM_COMES)


def _count(detector: ScanDetector, events: Iterable[JudgedTraffic], begin: float) -> tuple[int, float] | None:
    attempts = 0
    for event in events:
        attempts += isinstance(event, Attempt)
        detector.take(event)
        if any(verdict.confidence == "confirmed" for verdict in detector.verdicts()):
            return attempts, event.at - begin
    return None


def print_worms(only: str) -> None:
    """How many of each kind are contained, and after how much."""
    print(f"\n{'worm':<44}{'confirmed':>12}{'attempts':>10}{'(90 %)':>8}{'seconds':>9}")
    for name in (*HELD_OUT_WORMS, *INFECTED):
        if only not in name:
            continue
        seeds = range(WORM_SEEDS if name in HELD_OUT_WORMS else INFECTED_SEEDS)
        one_try = try_worm if name in HELD_OUT_WORMS else try_infected
        found = [one for seed in seeds if (one := one_try(name, seed))]
        row = f"{name:<44}{len(found):>6} of {len(seeds):<2}"
        if found:
            attempts = sorted(one[0] for one in found)
            last = attempts[len(attempts) * 9 // 10 - 1] if len(attempts) > 1 else attempts[0]
            row += f"{statistics.median(attempts):>10.0f}{last:>8}{statistics.median(one[1] for one in found):>9.1f}"
        print(row, flush=True)


def print_benign(asked: argparse.Namespace) -> Iterator[tuple[HeldOut, list[Trial]]]:
    """How many hosts of each program were blamed how surely."""
    print(f"{'honest program':<44}{'hours':>7}{'attempts':>11}{'hosts':>7}{'nothing':>9}{'likely':>8}{'confirmed':>11}")
    for name, one in BENIGN.items():
        if asked.only not in name:
            continue
        trials = [try_host(one, seed, asked.share, asked.jitter) for seed in range(one.hosts)]
        worst = Counter(trial.worst() for trial in trials)
        mark = "asked" if one.asked else "hard" if one.hard else ""
        print(
            f"{name:<44}{one.hosts * one.hours * asked.share:>7.0f}{sum(trial.attempts for trial in trials):>11,}"
            f"{one.hosts:>7}{worst['']:>9}{worst['likely']:>8}{worst['confirmed']:>11} {mark}",
            flush=True,
        )
        if asked.why:
            print_why(trials)
        yield one, trials


def print_why(trials: list[Trial]) -> None:
    """The first verdict of each sort of each host, at most four hosts."""
    for trial in islice((trial for trial in trials if trial.told), 4):
        shown = {told.verdict.confidence: told for told in reversed(trial.told)}
        for confidence, told in shown.items():
            verdict = told.verdict
            print(f"    seed {told.seed}, at {verdict.at:.1f} s: {confidence}: {verdict.because}")
            print(f"        {told.numbers}; {'; '.join(verdict.held_back)}")


def main() -> None:
    """Print both tables."""
    words = argparse.ArgumentParser()
    words.add_argument("--only", default="", help="programs and worms whose name has this")
    words.add_argument("--share", type=float, default=1.0, help="of each honest host's hours")
    words.add_argument("--why", action="store_true")
    words.add_argument("--jitter", type=int, metavar="SEED", help="draw each host's parameters anew")
    asked = words.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, simulated time\n")
    began = time.monotonic()
    groups = {"honest": Counter[str](), "hard": Counter[str](), "asked": Counter[str]()}
    hours = dict.fromkeys(groups, 0.0)
    for one, trials in print_benign(asked):
        group = "asked" if one.asked else "hard" if one.hard else "honest"
        groups[group].update(trial.worst() for trial in trials)
        hours[group] += one.hosts * one.hours * asked.share
    print()
    for group, worst in groups.items():
        print(f"{group:<8}{hours[group]:>6.0f} host-hours: {worst['']} hosts nothing, {worst['likely']} likely, "
              f"{worst['confirmed']} confirmed")  # fmt: skip
    print_worms(asked.only)
    print(f"\n{time.monotonic() - began:.0f} s on one core")


if __name__ == "__main__":
    main()
