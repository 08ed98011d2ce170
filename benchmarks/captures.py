"""Captures to events and to verdicts, beside tcpdump and tshark on the same file.

    .venv/bin/python benchmarks/captures.py [--packets N] [--rounds N] [--no-tshark]

The capture is made: 400 hosts that fetch from servers that answer (connections of 40 packets with up to 1,000 bytes),
and two that scan, 14 and 100 a second, nobody answering. Each run is a process of its own; all run on one
core, and what is told is packets by CPU second (a shared machine makes no difference then), the best of the rounds.
"""

import argparse
import heapq
import json
import os
import platform
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.fixtures.capture_files import ACK, SYN, frame, make_interface, make_section, make_tcp  # noqa: E402

HOSTS, PACKETS_OF_ONE, WORMS = 400, 40, (14.0, 100.0)
PORTS = (80, 135, 443, 445, 1434, 8080)
Timed = tuple[float, bytes]


def fetch(number: int, dice: random.Random) -> Iterator[Timed]:
    """What a host that fetches puts on the wire, connection after connection."""
    own, at, port = f"10.1.{number >> 8}.{number & 255}", 1_000_000_000 + dice.random(), 20_000
    while True:
        port = port + 1 if port < 60_000 else 20_000
        client, server = (own, port), (f"198.51.100.{dice.randrange(1, 30)}", dice.choice((80, 443, 443, 8443)))
        yield at, make_tcp(client, server, SYN)
        yield at + 0.02, make_tcp(server, client, SYN | ACK)
        request = b"GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n" if server[1] == 80 else b"\x16\x03\x01" * 60
        yield at + 0.04, make_tcp(client, server, ACK, sequence=1001, data=request)
        for step in range(PACKETS_OF_ONE - 3):
            ends = (client, server) if step % 3 == 0 else (server, client)
            yield (
                at + 0.05 + step / 100,
                make_tcp(*ends, ACK, data=b"x" * dice.choice((0, 0, 100, 1000)) * (step % 3 > 0)),
            )
        at += 0.5 + dice.random()


def scan(number: int, rate: float, dice: random.Random) -> Iterator[Timed]:
    """What a scanning host puts on the wire: attempts that nobody answers."""
    at, port = 1_000_000_000.5, 20_000
    while True:
        port = port + 1 if port < 60_000 else 20_000
        other = f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        yield at, make_tcp((f"10.9.9.{number}", port), (other, 80), SYN)
        at += 1 / rate


def write_captures(folder: Path, packets: int) -> dict[str, Path]:
    """The same packets as pcap and as pcapng."""
    dice = random.Random(1)
    sources = [fetch(number, dice) for number in range(HOSTS)]
    sources += [scan(number, rate, dice) for number, rate in enumerate(WORMS)]
    paths = {"pcap": folder / "made.pcap", "pcapng": folder / "made.pcapng"}
    with paths["pcap"].open("wb") as pcap, paths["pcapng"].open("wb") as pcapng:
        pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        pcapng.write(make_section() + make_interface())
        for (at, packet), _ in zip(heapq.merge(*sources), range(packets), strict=False):
            data, micro = frame(packet), round(at * 1e6)
            pcap.write(struct.pack("<IIII", *divmod(micro, 10**6), len(data), len(data)) + data)
            size = 32 + (len(data) + 3 & ~3)
            head = struct.pack("<IIIIIII", 6, size, 0, micro >> 32, micro & 0xFFFFFFFF, len(data), len(data))
            pcapng.write(head + data + b"\0" * (-len(data) % 4) + struct.pack("<I", size))
    return paths


def read_alone(path: str, how: str) -> None:
    """One run in this process; prints its figures."""
    from codered.collect.captures.opening import open_capture

    capture = open_capture(os.fsencode(path), PORTS, may_use_libpcap=how != "own reader")
    verdicts: list[str] = []
    began = sum(os.times()[:4])  # with the process that walks ahead
    if how == "whole command":
        print(json.dumps(scan_wholly(path)))
        return
    if how == "to verdicts":
        from codered.detect.scanning.detector import ScanDetector
        from codered.detect.scanning.thresholds import load_thresholds
        from codered.model.traffic import Missed, Sent

        detector, events = ScanDetector(load_thresholds()), 0
        for events, event in enumerate(capture.read(), 1):  # noqa: B007
            if not isinstance(event, Sent | Missed):
                detector.take(event)
        detector.advance(capture.last)
        verdicts = [f"{capture.describe(one.actor).address} {one.confidence}" for one in detector.verdicts()]
    else:
        events = sum(1 for _ in capture.read())
    seconds = sum(os.times()[:4]) - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": seconds, "packets": capture.packets, "events": events, "peak": peak, "verdicts": verdicts}
    print(json.dumps(told | {"libpcap": capture.through_libpcap}))


def scan_wholly(path: str) -> dict[str, object]:
    """The command, from its start to its report."""
    words = [sys.executable, "-m", "codered", "scan", "--capture", path, "--json"]
    done = subprocess.run(words, capture_output=True, check=False)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    traffic = json.loads(done.stdout)["traffic"]
    scanners = [f"{one['actor']['address']} {one['confidence']}" for one in traffic["scanners"]]
    told = {"seconds": spent.ru_utime + spent.ru_stime, "packets": traffic["packets"], "events": "", "libpcap": True}
    return told | {"peak": spent.ru_maxrss / 1024, "verdicts": scanners}


def run_ours(path: Path, how: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, __file__, "--alone", str(path), how], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def run_other(words: list[str]) -> float:
    """CPU seconds that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def list_others(path: Path, *, tshark: bool) -> dict[str, list[str]]:
    """Other programs that tell attempts of the same file, and tcpdump that prints every packet."""
    fields = [
        word for field in ("frame.time_epoch", "ip.src", "ip.dst", "tcp.dstport", "tcp.flags") for word in ("-e", field)
    ]
    others = {
        "tcpdump, SYN and RST": ["tcpdump", "-nn", "-r", str(path), "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0"],
        "tcpdump, all": ["tcpdump", "-nn", "-r", str(path)],
    }
    if tshark:
        others["tshark, fields"] = ["tshark", "-n", "-r", str(path), "-T", "fields", *fields]
    return {what: words for what, words in others.items() if shutil.which(words[0])}


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--packets", type=int, default=1_000_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--no-tshark", action="store_true")
    words.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.alone:
        read_alone(*asked.alone)
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as name:
        compare(write_captures(Path(name), asked.packets), asked.rounds, tshark=not asked.no_tshark)


def compare(paths: dict[str, Path], rounds: int, *, tshark: bool) -> None:
    """Run all and print the table."""
    ways = [(form, how) for form in paths for how in ("through libpcap", "own reader", "to verdicts", "whole command")]
    ours: dict[tuple[str, str], dict[str, object]] = {}
    others: dict[str, float] = {}
    for turn in range(rounds):
        for form, how in ways:
            run = run_ours(paths[form], how)
            if (form, how) not in ours or run["seconds"] < ours[form, how]["seconds"]:  # type: ignore[operator]
                ours[form, how] = run
        for what, command in list_others(paths["pcap"], tshark=tshark and not turn).items():
            others[what] = min(others.get(what, 1e9), run_other(command))
    packets = int(str(ours["pcap", "own reader"]["packets"]))
    slowest = max(others.values(), default=0.0)
    for (form, how), run in ours.items():
        seconds = float(str(run["seconds"]))
        print(
            f"{form:<7} {how:<22} {packets / seconds / 1e6:6.2f} M packets/CPU s  {run['events']:>8} events  "
            f"{float(str(run['peak'])):4.0f} MB  x{slowest / seconds:5.1f} the slowest below  {run['verdicts'] or ''}"
        )
    for what, seconds in others.items():
        print(f"pcap    {what:<22} {packets / seconds / 1e6:6.2f} M packets/CPU s")


if __name__ == "__main__":
    main()
