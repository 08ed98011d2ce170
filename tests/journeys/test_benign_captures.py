"""Captures of honest programs (real servers and clients, made by tests/fixtures/make_benign_captures.py) are clean, and
a capture of a horizontal scan is one: its source and its port. Inert: plain connects in a network of the test's own.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codered.collect.traffic_files import open_traffic
from codered.model.traffic import Attempt
from tests.fixtures.command import Desk
from tests.fixtures.networks import HOST, running_network

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
CAPTURES = sorted((FIXTURES / "captures").glob("*.pcap.gz"))
WORM = FIXTURES / "marker_worm.py"
PORT, ATTEMPTS = 8080, 60


@pytest.fixture(scope="module")
def scan_capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What tcpdump has of a marker worm at the rate of Code Red."""
    path = tmp_path_factory.mktemp("scan") / "worm.pcap"
    with running_network() as network:
        words = ("tcpdump", "-i", "cable", "-U", "--immediate-mode", "-Z", "root", "-w", str(path))
        dump = subprocess.Popen(network.host.command(*words), stderr=subprocess.PIPE, text=True)
        try:
            assert dump.stderr is not None
            assert "listening" in dump.stderr.readline()
            worm = (sys.executable, str(WORM), "--rate", "14", "--count", str(ATTEMPTS), "--port", str(PORT))
            network.host.run(*worm, "--answering", "0.05")
        finally:
            dump.send_signal(signal.SIGINT)
            dump.communicate(timeout=20)
    return path


def test_the_captures_are_there() -> None:
    names = {path.name.partition(".")[0] for path in CAPTURES}
    assert {"backup", "browser", "mail", "names", "packages", "time"} <= names


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_honest_programs_are_clean(desk: Desk, path: Path) -> None:
    report = desk.scan("--capture", path, code=0)
    assert (report.verdict, report.findings) == ("clean", ())
    assert report.traffic is not None
    assert (report.traffic.scanners, report.traffic.attackers, report.traffic.passings) == ((), (), ())
    assert report.traffic.packets > 50
    assert report.gaps() == ()


@pytest.mark.parametrize(("name", "dark"), [("browser", 3), ("mail", 3), ("packages", 1)])
def test_they_have_failures_as_in_life(name: str, dark: int) -> None:
    source = open_traffic(bytes(FIXTURES / "captures" / f"{name}.pcap.gz"), interesting_ports=())
    try:
        reached = {event.destination for event in source.read() if isinstance(event, Attempt)}
    finally:
        source.close()
    assert sum(address.startswith(bytes((203, 0, 113))) for address in reached) >= dark


def test_a_horizontal_scan_is_told_with_its_port(desk: Desk, scan_capture: Path) -> None:
    (finding,) = desk.scan("--capture", scan_capture, code=1).findings
    assert (finding.indicator, finding.layer, finding.confidence) == ("horizontal-scan", "network", "confirmed")
    assert (finding.subject.kind, finding.subject.address, finding.count) == ("address", HOST, ATTEMPTS)
    assert f"to port {PORT}" in finding.because


def test_beside_honest_traffic_only_the_scan_is_told(desk: Desk, scan_capture: Path) -> None:
    words = [word for path in (*CAPTURES, scan_capture) for word in ("--capture", path)]
    report = desk.scan(*words, code=1)
    assert [(one.indicator, one.confidence) for one in report.findings] == [("horizontal-scan", "confirmed")]
    assert report.traffic is not None
    assert [one.ports for one in report.traffic.scanners] == [(PORT,)]
