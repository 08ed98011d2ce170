"""Containing a host: from the decision to the commit of the rules, what a worm still gets out, and taking it back.

    .venv/bin/python benchmarks/containment.py [--rounds 40] [--storms 5]

Everything happens in network namespaces of its own (needs root). Each round makes a containment ready, holds it and
rolls it back; beside it the `nft` command loads the very same rules in the same round. In a storm an inert marker worm
connects 500 times a second, and the other end of the cable counts the SYNs that arrive after the call began.
"""

import argparse
import contextlib
import os
import platform
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY)]

from codered.model.firewall import FirewallOrder, Session  # noqa: E402
from codered.model.plan import Plan  # noqa: E402
from codered.remediate.applying import roll_back  # noqa: E402
from codered.remediate.firewall.containment import take_down  # noqa: E402
from codered.remediate.firewall.links import list_links  # noqa: E402
from codered.remediate.firewall.orders import name_of, order_of  # noqa: E402
from codered.remediate.firewall.requests import request_tables  # noqa: E402
from codered.remediate.ready import ReadyContainment  # noqa: E402
from tests.fixtures.children import LiveTarget  # noqa: E402
from tests.fixtures.firewalls import plan_firewall, run_inside  # noqa: E402
from tests.fixtures.networks import HOST, WORLD, Network, running_network  # noqa: E402

RATE, WARM_UP, TAIL = 500, 0.6, 0.6
SO_TIMESTAMPNS = 35
Times = dict[str, list[float]]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def open_tap() -> socket.socket:
    """A socket that keeps every frame that arrives over the cable, with the kernel's time."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
    tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    tap.bind(("cable", 0x0003))
    tap.setblocking(False)
    return tap


def run_command(network: Network, *words: str) -> float:
    """A command in the host's namespace; the seconds it takes."""
    began = time.perf_counter()
    subprocess.run(network.host.command(*words), check=True, capture_output=True)
    return time.perf_counter() - began


def start_worm(network: Network) -> subprocess.Popen[bytes]:
    worm = str(REPOSITORY / "tests/fixtures/marker_worm.py")
    words = [
        sys.executable,
        worm,
        "--rate",
        str(RATE),
        "--count",
        str(int(RATE * (WARM_UP + TAIL))),
        "--answering",
        "1",
    ]
    return subprocess.Popen(network.host.command(*words), stdout=subprocess.DEVNULL)


def count_syns(tap: socket.socket, since: float) -> tuple[int, int]:
    after, earlier = 0, 0
    with contextlib.suppress(BlockingIOError):
        while True:
            frame, extra, _, where = tap.recvmsg(128, 64)
            seconds, rest = struct.unpack("=qq", extra[0][2][:16])
            if (
                frame[12:14] != b"\x08\x00"
                or frame[23] != 6
                or frame[47] & 0x12 != 0x02
                or where[2] == socket.PACKET_OUTGOING
            ):
                continue
            at = seconds + rest / 1e9
            after += at > since
            earlier += since - 0.5 <= at <= since
    return after, earlier


def storm(network: Network, hold: Callable[[], object]) -> tuple[int, int]:
    """SYNs that arrived after the call began, and in the half second before."""
    with run_inside(network.world, open_tap) as tap:
        worm = start_worm(network)
        time.sleep(WARM_UP + 0.2)  # Python's own start counts
        before = time.time()
        hold()
        time.sleep(TAIL)
        worm.kill()
        worm.wait()
        return count_syns(tap, before)


def make_ready(network: Network, base: Path, number: int) -> tuple[Plan, LiveTarget, Path, ReadyContainment]:
    target = LiveTarget(base / "root")
    session = Session(local=HOST, local_port=22, remote=WORLD, remote_port=50000)
    plan = plan_firewall(target, "isolate_host", FirewallOrder(sessions=(session,), confirm_within=600))
    case = base / "state" / str(number)
    return plan, target, case, run_inside(network.host, lambda: ReadyContainment(plan, target, case))


def write_rules(network: Network, plan: Plan, base: Path) -> Path:
    """The same rules for the `nft` command."""
    action = plan.actions[0]
    links = run_inside(network.host, list_links)
    file = base / "rules.json"
    file.write_bytes(request_tables("isolate_host", name_of(action), order_of(action), links))
    return file


def measure_rounds(network: Network, base: Path, rounds: int) -> Times:
    times: Times = {
        "ours: decision to commit": [],
        "ours: to the end of connections": [],
        "ours: until verified and noted": [],
        "ours: rollback, whole": [],
        "ours: tables taken away": [],
        "nft command: load": [],
        "nft command: delete": [],
        "(entering the namespace, in both of nft)": [],
    }
    kept = list(times.values())
    for number in range(rounds):
        plan, target, case, ready = make_ready(network, base, number)
        began = time.perf_counter()
        held = run_inside(network.host, partial(ready.hold, "a test"))
        kept[2].append(time.perf_counter() - began)
        kept[0].append(held.commit_seconds)
        kept[1].append(held.all_seconds)
        began = time.perf_counter()
        run_inside(network.host, partial(roll_back, plan, target, case))
        kept[3].append(time.perf_counter() - began)
        file, name = write_rules(network, plan, base), name_of(plan.actions[0])
        kept[5].append(run_command(network, "nft", "-j", "-f", str(file)))
        began = time.perf_counter()
        run_inside(network.host, partial(take_down, name))
        kept[4].append(time.perf_counter() - began)
        run_command(network, "nft", "-j", "-f", str(file))
        delete = f"delete table inet {name}; delete table netdev {name}"
        kept[6].append(run_command(network, "nft", delete))
        kept[7].append(run_command(network, "/bin/true"))
    return times


def measure_storm(network: Network, base: Path, number: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """SYNs after the call and in the half second before, with ours and with the `nft` command."""
    plan, target, case, ready = make_ready(network, base, 100_000 + number)
    ours = storm(network, lambda: run_inside(network.host, partial(ready.hold, "a test")))
    run_inside(network.host, partial(roll_back, plan, target, case))
    file, name = write_rules(network, plan, base), name_of(plan.actions[0])
    command = storm(network, lambda: run_command(network, "nft", "-j", "-f", str(file)))
    run_inside(network.host, partial(take_down, name))
    return ours, command


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--storms", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as base, running_network() as network:
        times = measure_rounds(network, Path(base), given.rounds)
        leaks = [measure_storm(network, Path(base), number) for number in range(given.storms)]
    print(f"{platform.node()}: {os.cpu_count()} cores, Linux {platform.release()}, {given.rounds} rounds")
    print(f"{'milliseconds':<42}{'p50':>9}{'p99':>9}")
    for name, values in times.items():
        print(f"{name:<42}{1000 * statistics.median(values):>9.2f}{1000 * percentile(values, 0.99):>9.2f}")
    for way, number in (("ours", 0), ("nft", 1)):
        told = ", ".join(f"{leak[number][0]} (of {leak[number][1]} in the 0.5 s before)" for leak in leaks)
        print(f"SYNs out after the call began at {RATE}/s, {way}: {told}")


if __name__ == "__main__":
    main()
