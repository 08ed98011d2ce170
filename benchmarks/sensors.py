"""The live sensor: share of connection attempts seen, with the right process, its cost, and how late they are told.

    .venv/bin/python benchmarks/sensors.py [--rate 1000] [--seconds 20] [--shots 200]

Needs root. An inert marker worm (plain connects, bounded) runs in a network namespace of the script's own, where nine
of ten addresses are dark. Beside it, in the same run, the usual way: reading /proc/net/tcp every 0.1 s. Then one-shot
processes (`bash -c` with one connect each): whose program is known though they are gone at once?
"""

import argparse
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

from codered.collect.traffic.live import LiveTraffic  # noqa: E402
from codered.model.traffic import Attempt, SeenTraffic  # noqa: E402
from tests.fixtures.networks import Network, running_network  # noqa: E402
from tests.fixtures.sensing import call_inside, packed  # noqa: E402

WORM = REPOSITORY / "tests/fixtures/marker_worm.py"


def watch(work: subprocess.Popen[bytes], how: dict[str, bool]) -> dict[str, Any]:
    """The attempts seen until the work has ended, and what that cost."""
    live = LiveTraffic(frozenset({80}), **how)  # type: ignore[arg-type]
    waiting = select.poll()
    waiting.register(live.fileno(), select.POLLIN)
    work.send_signal(18)  # SIGCONT: it was stopped at its start
    cost, began = time.process_time(), time.monotonic()
    batches: list[tuple[float, list[SeenTraffic]]] = []
    ended = 0.0
    while not ended or time.monotonic() < ended + 0.5:
        waiting.poll(100)
        batches.append((time.time(), live.read()))
        if not ended and work.poll() is not None:
            ended = time.monotonic()
    cost = (time.process_time() - cost) / (time.monotonic() - began)
    attempts = [(now, one) for now, found in batches for one in found if isinstance(one, Attempt)]
    seen = [(one.actor, one.destination) for _, one in attempts if one.protocol == "tcp"]
    late = [now - one.at for now, one in attempts]
    programs = {actor: live.describe(actor).program for actor, _ in seen}
    live.close()
    return {"seen": seen, "cost": cost, "late": sorted(late), "programs": programs}


def start_stopped(
    network: Network, *words: str, output: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        network.host.command("sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *words),
        stdout=output, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def measure_worm(network: Network, how: dict[str, bool], rate: float, seconds: float) -> None:
    with tempfile.TemporaryFile("w+b") as told:

        def work() -> tuple[int, dict[str, Any]]:
            count = str(int(rate * seconds))
            words = (sys.executable, str(WORM), "--rate", str(rate), "--count", count, "--answering", "0.1")
            worm = start_stopped(network, *words, output=told)
            return worm.pid, watch(worm, how)

        pid, result = call_inside(network.host, work)
        told.seek(0)
        wanted = Counter(packed(line.split()[1].decode()) for line in told)
    got = Counter(destination for _, destination in result["seen"])
    right = Counter(destination for actor, destination in result["seen"] if actor.startswith(b"pid %d " % pid))
    made = wanted.total()
    late = result["late"] or [0.0]
    print(
        f"  {name_way(how):<34}{(wanted & got).total() / made:>8.2%}{(wanted & right).total() / made:>9.2%}"
        f"{result['cost']:>10.1%}{late[len(late) // 2] * 1000:>8.0f} ms{late[len(late) * 99 // 100] * 1000:>7.0f} ms"
    )


def measure_one_shots(network: Network, how: dict[str, bool], shots: int) -> None:
    script = f'for i in $(seq {shots}); do bash -c ": >/dev/tcp/198.51.100.$((i % 250 + 1))/80"; done'
    result = call_inside(network.host, lambda: watch(start_stopped(network, "bash", "-c", script), how))
    named = sum(os.path.basename(result["programs"][actor]) == "bash" for actor, _ in result["seen"])
    print(f"  {name_way(how):<34}{len(result['seen']) / shots:>8.1%}{named / shots:>9.1%}")


def count_starts(seconds: float = 3.0) -> int:
    def read() -> int:
        return int(Path("/proc/stat").read_text().split("\nprocesses ")[1].split()[0])

    before = read()
    time.sleep(seconds)
    return round((read() - before) / seconds)


def name_way(how: dict[str, bool]) -> str:
    if how.get("tracefs", True):
        return "trace and packets" if how.get("packets", True) else "trace alone"
    return "packets, holders looked for" if how.get("packets", True) else "/proc/net/tcp every 0.1 s"


WAYS: tuple[dict[str, bool], ...] = ({}, {"packets": False}, {"tracefs": False}, {"tracefs": False, "packets": False})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=1000.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--shots", type=int, default=200)
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}")
    print(f"{count_starts()} processes or threads a second begin here without us: each costs the sensor a look")
    print(f"{given.rate:.0f} attempts/s for {given.seconds:.0f} s       seen  process  of a core   median    p99")
    measures: tuple[Callable[[Network, dict[str, bool]], None], ...] = (
        lambda network, how: measure_worm(network, how, given.rate, given.seconds),
        lambda network, how: measure_one_shots(network, how, given.shots),
    )
    for number, measure in enumerate(measures):
        if number:
            print(f"{given.shots} one-shot processes              seen  program")
        for how in WAYS:
            with running_network() as network:
                measure(network, how)


if __name__ == "__main__":
    main()
