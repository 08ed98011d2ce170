"""One worm, seen three ways: as it happens with its process, in a capture, and in a flow log. Inert: plain connects to
made-up addresses in a network of the test's own.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from codered.model.report import Report, Scanner
from tests.fixtures.command import Desk
from tests.fixtures.networks import HOST, Namespace, Network, running_network
from tests.fixtures.running import wait_until

WORM = Path(__file__).resolve().parents[1] / "fixtures" / "marker_worm.py"
LINE = "GET /default.ida?" + "N" * 224 + " HTTP/1.0\\r\\n\\r\\n"
STATES = {"silent": "S0", "ECONNREFUSED": "REJ", "answered": "SF"}
FIELDS = ("ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "conn_state")


@pytest.fixture
def network() -> Iterator[Network]:
    with running_network() as network:
        yield network


def start(desk: Desk, host: Namespace, *words: str | Path) -> subprocess.Popen[str]:
    """`codered` in the network, watching."""
    command = host.command(sys.executable, "-m", "codered", *map(str, words))
    process = subprocess.Popen(
        command, cwd=desk.folder, env=desk.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    packets = Path(f"/proc/{host.pid}/net/packet")  # its packet socket is what it opens last
    wait_until(lambda: len(packets.read_text().splitlines()) > 1)
    return process


def finish(process: subprocess.Popen[str], code: int) -> Report:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (code, False), err
    return msgspec.json.decode(out, type=Report)


@contextmanager
def capturing(host: Namespace, path: Path) -> Iterator[None]:
    words = host.command("tcpdump", "-i", "cable", "-U", "--immediate-mode", "-Z", "root", "-w", str(path))
    dump = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert dump.stderr is not None
        assert "listening" in dump.stderr.readline()
        yield
    finally:
        dump.send_signal(signal.SIGINT)
        dump.communicate(timeout=20)


def run_worm(host: Namespace, *words: str) -> list[tuple[float, str, str]]:
    """What it did: when (of the monotonic clock), to whom, and what came of it."""
    out = host.run(sys.executable, str(WORM), *words).stdout
    told = (line.split() for line in out.splitlines())
    return [(float(at), destination, outcome) for at, destination, outcome in told]


def write_conn_log(path: Path, attempts: list[tuple[float, str, str]]) -> Path:
    offset = time.time() - time.monotonic()
    rows = [
        f"{at + offset:.6f}\tC{number}\t{HOST}\t{40000 + number}\t{destination}\t80\ttcp\t{STATES[outcome]}"
        for number, (at, destination, outcome) in enumerate(sorted(attempts))
    ]
    head = ["#separator \\x09", "#path\tconn", "#fields\t" + "\t".join(FIELDS)]
    path.write_text("\n".join([*head, *rows]) + "\n")
    return path


def the_scanner(report: Report) -> Scanner:
    assert report.traffic is not None
    assert len(report.traffic.scanners) == 1, [
        (one.actor.why_no_process, one.protocol, one.attempts, one.because, one.examples)
        for one in report.traffic.scanners
    ]
    assert report.verdict == "infected"
    return report.traffic.scanners[0]


def test_the_same_worm_live_in_a_capture_and_in_a_flow_log(desk: Desk, network: Network, tmp_path: Path) -> None:
    capture = tmp_path / "worm.pcap"
    live = start(desk, network.host, "scan", "--network", "--for", "12s", "--json")
    with capturing(network.host, capture):
        attempts = run_worm(network.host, "--rate", "20", "--count", "120", "--near", HOST)
    seen = the_scanner(finish(live, 1))
    recorded = the_scanner(desk.scan("--capture", capture, code=1))
    logged = the_scanner(desk.scan("--capture", write_conn_log(tmp_path / "conn.log", attempts), code=1))
    assert seen.actor.process is not None
    assert str(WORM) in seen.actor.command
    assert seen.attempts == recorded.attempts == logged.attempts == len(attempts)
    for one in (seen, recorded, logged):
        assert (one.confidence, one.ports, one.protocol, one.internal) == ("confirmed", (80,), "tcp", True)
        assert (one.preference, "codered2" in one.packs) == ("near", True)
        assert one.answered == 0


def test_what_a_worm_sends_names_it_and_its_process(desk: Desk, network: Network, tmp_path: Path) -> None:
    capture = tmp_path / "sent.pcap"
    live = start(desk, network.host, "scan", "--network", "--for", "8s", "--json")
    with capturing(network.host, capture):
        run_worm(network.host, "--rate", "3", "--count", "18", "--answering", "1", "--send", LINE)
    (seen,) = finish(live, 1).findings
    (recorded,) = desk.scan("--capture", capture, code=1).findings
    for one in (seen, recorded):
        assert (one.pack, one.indicator, one.layer, one.confidence) == ("codered", "ida-n-sent", "traffic", "confirmed")
        assert one.evidence[0].data is not None
        assert one.evidence[0].data.startswith(b"GET /default.ida?NNNN")
    assert (seen.subject.kind, recorded.subject.kind) == ("process", "address")
    assert seen.subject.key is not None
    assert recorded.subject.address == HOST


def test_a_quiet_host_is_clean_and_says_what_it_watched(desk: Desk, network: Network) -> None:
    report = finish(start(desk, network.host, "scan", "--network", "--for", "1s", "--json"), 0)
    assert (report.verdict, report.findings) == ("clean", ())
    assert [look.layer for look in report.looks] == ["network"]


def test_wrong_words(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(b"no capture at all")
    for words in (
        ("--capture", tmp_path / "x.pcap"), ("--capture", tmp_path / "none"), ("--network", "--for", "0s"),
        ("--network", "--root", "/"), ("--for", "9s"), ("--columns", "a=1"), ("--watch", "10"), ("--watch", "9d"),
        ("--capture", tmp_path, "--logs", tmp_path), ("--network", tmp_path),
    ):  # fmt: skip
        answer = desk.run("scan", *words)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1), words


def test_the_report_is_a_page_and_a_table_too(desk: Desk, tmp_path: Path) -> None:
    log = tmp_path / "conn.json"
    rows = [
        {"ts": 1e9 + number / 10, "id.orig_h": HOST, "id.orig_p": 1000 + number, "id.resp_h": f"192.0.{number}.9",
         "id.resp_p": 80, "proto": "tcp", "conn_state": "S0"}
        for number in range(60)
    ]  # fmt: skip
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page, table = tmp_path / "r.html", tmp_path / "r.attackers.csv"
    answer = desk.run("scan", "--capture", log, "-o", page, "-o", table)
    assert answer.code == 1
    assert answer.out.startswith(f"INFECTED: 1 host of your own ({HOST}) scans, confirmed")
    assert "<svg" in page.read_text()
    assert HOST in table.read_text()
