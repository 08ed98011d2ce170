"""The alarm: a laptop is carried in and scans. The network sees it, headquarters knows whose it is."""

import hashlib
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.journey.finding import find_address, find_host, name_place
from lab.journey.telling import Journey, check

WORM = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "marker_worm.py"
"""Plain connects, bounded in number and time, from within the laboratory's namespaces; it can't spread."""
REQUEST = "GET /default.ida?" + "X" * 224 + " HTTP/1.0\\r\\n\\r\\n"
"""The first line of Code Red II's request, without what came behind it: a marker."""
TITLE = "Code Red II: a laptop brought it in"


def raise_alarm(journey: Journey) -> None:
    """From the laptop's arrival to the declaration."""
    address, capture = let_the_laptop_scan(journey)
    _find_who_scans(journey, address, capture)
    _declare(journey, capture)


def let_the_laptop_scan(journey: Journey) -> tuple[str, Path]:
    """It is carried in, and scans: its address, and the capture that shows it. Nobody has looked at that yet."""
    journey.begin("detect", 3, "a visitor's laptop comes back from the road")
    address = carry_the_laptop_in(journey)
    capture = journey.lab.folder / "cache" / "alarm.pcap"
    with _capturing(journey, capture):
        words = ["--rate", "40", "--count", "160", "--near", address]
        journey.at(5)
        journey.act("the laptop scans (inert: plain connects)", [_python(), str(WORM), *words], part="laptop")
    return address, capture


def _find_who_scans(journey: Journey, address: str, capture: Path) -> None:
    journey.at(9)
    told = journey.say(
        "scan", "--capture", str(capture), "-o", str(journey.lab.folder / "cache" / "alarm.json"), code=1
    )
    report = json.loads((journey.lab.folder / "cache" / "alarm.json").read_text())
    scanners = [one["actor"]["address"] for one in report["traffic"]["scanners"] if one["confidence"] == "confirmed"]
    journey.compare("who scans, as the capture shows", address, ", ".join(scanners))
    journey.compare("the pack of the scan", True, "codered2" in report["traffic"]["scanners"][0]["packs"])
    check(told.out.startswith("INFECTED"), told.out[:300])
    journey.at(10)
    shown = journey.say("hosts", "show", address, code=0)
    truth = journey.lab.truth["addresses"][address]
    for what in ("laptop", truth["owner"], truth["switch"], truth["port"]):
        journey.compare(f"behind {address}: {what}", True, what in shown.out)


def carry_the_laptop_in(journey: Journey) -> str:
    """Same machine, another socket and address: headquarters knows it again. Its address now."""
    lab = journey.lab
    before = find_host(journey.ask("hosts", "show", code=0)["hosts"], find_address(lab, "laptop"))
    address = lab.move("laptop")
    journey.note(f"the laptop is plugged in in a meeting room, and leases {address}")
    journey.say("hosts", "import", str(lab.folder / "dnsmasq.leases"), code=0)
    journey.say("hosts", "locate", "laptop", code=0)
    hosts = journey.ask("hosts", "show", code=0)["hosts"]
    after = find_host(hosts, address)
    truth = lab.truth["addresses"][address]
    journey.compare("the laptop that moved is", before["number"], after["number"])
    journey.compare("where it is now", f"{truth['switch']} {truth['port']}", name_place(after))
    journey.compare("machines called laptop", 1, sum(host["name"].partition(".")[0] == "laptop" for host in hosts))
    return address


def _declare(journey: Journey, capture: Path) -> None:
    journey.at(12)
    summary = "A laptop in a meeting room scans our networks as Code Red II does. Whom it reached is not known yet."
    words = ("declare", "outbreak", "--title", TITLE, "--pack", "codered2", "--severity", "high", "--summary", summary)
    journey.say("incident", *words, code=0, by="Cora")
    digest = hashlib.sha256(capture.read_bytes()).hexdigest()
    where = f"safe 3, capture of the router at 08:15, sha256 {digest[:16]}"
    journey.say("incident", "evidence", "laptop", "--container", where, "--elsewhere", code=0, by="Cora")
    journey.say("task", "next", code=0, by="Cora")


@contextmanager
def _capturing(journey: Journey, path: Path) -> Iterator[None]:
    """What passes the router from and to the meeting rooms, in a capture."""
    words = ["tcpdump", "-i", "v70", "-U", "--immediate-mode", "-Z", "root", "-w", str(path)]
    dump = subprocess.Popen(  # noqa: S603
        journey.lab.command(words, "router"), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    try:
        check(dump.stderr is not None and "listening" in dump.stderr.readline(), "tcpdump does not listen")
        yield
    finally:
        dump.send_signal(signal.SIGINT)
        dump.communicate(timeout=20)


def _python() -> str:
    return "/usr/bin/python3"


def send_requests(journey: Journey, part: str, *addresses: str) -> None:
    """One marker request to each of these servers, from a machine of the laboratory."""
    for address in addresses:
        script = f"printf '{REQUEST}' | busybox nc -w 2 {address} 80 >/dev/null; true"
        journey.act(f"{part} sends the worm's request line to {address} (inert)", ["sh", "-c", script], part=part)
