"""How soon worms are told, and what benign hosts are taken for: the detector against simulated traffic with seeds.

    .venv/bin/python benchmarks/detection.py [--seeds N] [--hours H]

Nothing is sent. A worm's figures are the share of seeds that are "confirmed", and the median seconds and attempts until
then. Benign hosts are the ones that the numbers were TUNED on. The peer of the same run is the plain sequential test of
2004 (four failed first contacts in a row, more or less), without ageing of open contacts, names, gates or outages.
"""

import argparse
import os
import platform
import random
import statistics
import sys
import time
from collections import Counter
from math import log
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.traffic_models import WORMS, Events, Worm, make_events  # noqa: E402
from benchmarks.traffic_tuning import AUTHORISED, TUNED_ON  # noqa: E402
from codered.detect.scanning.detector import ScanDetector  # noqa: E402
from codered.detect.scanning.thresholds import load_thresholds  # noqa: E402
from codered.model.traffic import Attempt, Reply, Request, Resolved  # noqa: E402


class Told(NamedTuple):
    """What one run gave: confidences told, and of the first "confirmed" the time and the attempts up to then."""

    confidences: tuple[str, ...]
    seconds: float = 0.0
    attempts: int = 0


def watch(events: Events, stop: bool) -> Told:
    """Feed the detector; `stop` at the first confirmed verdict."""
    detector = ScanDetector(load_thresholds())
    told: list[str] = []
    at = 0.0
    attempts = 0
    for event in events:
        at = event.at
        attempts += isinstance(event, Attempt)
        detector.take(event)
        for verdict in detector.verdicts():
            told.append(verdict.confidence)
            if stop and verdict.confidence == "confirmed":
                return Told(tuple(told), verdict.at, attempts)
    detector.advance(at + 10)
    told.extend(verdict.confidence for verdict in detector.verdicts())
    return Told(tuple(told))


def watch_plainly(events: Events) -> Told:
    """The plain sequential test: success .8 for benign, .2 for scanners, both errors 1 %, restarted when benign."""
    score, top, known = 0.0, log(99), set[bytes]()
    began: set[bytes] = set()
    attempts = 0
    for event in events:
        if isinstance(event, Attempt):
            attempts += 1
            if event.destination not in known:
                began.add(event.destination)
                known.add(event.destination)
        elif isinstance(event, Reply) and event.destination in began:
            began.discard(event.destination)
            score += -log(4) if event.outcome == "answered" else log(4)
            if score >= top:
                return Told(("confirmed",), event.at, attempts)
            score = 0.0 if score <= -top else score
    return Told(())


def show_worm(name: str, worm: Worm, seeds: int) -> tuple[int, int]:
    seconds = max(20.0, 60 / worm.rate)
    runs = [watch(make_events(worm.run(random.Random(seed), seconds)), stop=True) for seed in range(seeds)]
    plain = [watch_plainly(make_events(worm.run(random.Random(seed), seconds))) for seed in range(seeds)]
    cells = []
    for told in (runs, plain):
        hits = [one for one in told if "confirmed" in one.confidences]
        middle = f"{statistics.median(one.seconds for one in hits):8.2f} s" if hits else "         -"
        count = f"{statistics.median(one.attempts for one in hits):7.0f}" if hits else "      -"
        cells.append(f"{len(hits) / len(told):7.0%}{middle}{count}")
    print(f"{name:32}{cells[0]}   |{cells[1]}")
    return sum("confirmed" in one.confidences for one in runs), seeds


def show_benign(name: str, profile: object, seeds: int, hours: float) -> Counter[str]:
    assert callable(profile)
    count: Counter[str] = Counter()
    plain = 0
    for seed in range(seeds):
        told = watch(make_events(profile(random.Random(seed), hours * 3600)), stop=False)
        count.update(set(told.confidences))
        count["verdicts"] += len(told.confidences)
        plain += bool(watch_plainly(make_events(profile(random.Random(seed), hours * 3600))).confidences)
    print(
        f"{name:32}{count['confirmed']:6} of {seeds:<3}{count['likely']:6} of {seeds:<3}"
        f"{count['verdicts'] / seeds / hours:10.2f}   |{plain:6} of {seeds}"
    )
    return count


def show_speed(name: str, events: list[Attempt | Reply | Resolved | Request]) -> None:
    """Processor time of the detector alone; the peer of the same run is a set of (source, destination, port)."""
    took: list[float] = []
    for _ in range(3):
        take = ScanDetector(load_thresholds()).take
        begin = time.process_time()
        for event in events:
            take(event)
        took.append(time.process_time() - begin)
    begin = time.process_time()
    seen: set[tuple[bytes, bytes, int]] = set()
    for event in events:
        if isinstance(event, Attempt):
            seen.add((event.actor, event.destination, event.port))
    plain = time.process_time() - begin
    print(f"{name:32}{len(events) / min(took) / 1e3:9.0f} k events/s{min(took) / plain:9.1f} x a plain set")


def show_speeds() -> None:
    dice = random.Random(1)
    own = bytes((10, 0, 0, 1))
    peers = [dice.randbytes(4) for _ in range(200)]
    known: list[Attempt | Reply | Resolved | Request] = []
    for one, peer in enumerate(peers):
        known += [Attempt(one / 100, own, own, peer, 443), Reply(one / 100 + 0.005, own, peer, 443, "answered")]
    known += [Attempt(2 + one / 1000, own, own, peers[one % 200], 443) for one in range(200_000)]
    show_speed("known peers, again and again", known)
    firsts = [Attempt(one / 1000, own, own, dice.randbytes(4), 80) for one in range(200_000)]
    show_speed("first contacts, all silent", [*firsts])
    strangers = [Attempt(one / 1000, key, key, own, 80) for one in range(200_000) for key in (dice.randbytes(4),)]
    show_speed("a new source each", [*strangers])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--hours", type=float, default=0.5)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{given.seeds} seeds; benign hosts {given.hours} h each\n")
    print(f"{'worm':32}{'told':>7}{'median':>10}{'tries':>7}   |{'plain sequential test':>24}")
    found = sought = 0
    for name, worm in WORMS.items():
        hits, of = show_worm(name, worm, given.seeds)
        found, sought = found + hits, sought + of
    print(f"\n{'benign, tuned on':32}{'confirmed':>13}{'likely':>13}{'told an hour':>10}   |  plain: alarms")
    wrong = hosts = 0
    for name, profile in TUNED_ON.items():
        wrong += show_benign(name, profile, given.seeds, given.hours)["confirmed"]
        hosts += given.seeds
    print("\nauthorised (the allow list lets them pass, not the detector)")
    for name, profile in AUTHORISED.items():
        show_benign(name, profile, given.seeds, given.hours)
    print()
    show_speeds()
    print(f"\n{'':14}{'confirmed':>11}{'not':>8}")
    print(f"{'worms':14}{found:11}{sought - found:8}\n{'benign hosts':14}{wrong:11}{hosts - wrong:8}")


if __name__ == "__main__":
    main()
